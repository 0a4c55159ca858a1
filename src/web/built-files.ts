import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServedFile } from './served-file.js';

/** Where the build puts pages and app, seen from the TypeScript sources as from what they are compiled to. */
const BUILT = fileURLToPath(new URL('../../dist/www/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

/** Names of assets carry a hash of what is in them. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * A page and all that it loads; undefined when it was not built.
 *
 * @param name what it is called in the build
 * @param at where it is served, and below that its assets
 */
export function builtPage(name: 'page' | 'console', at: '/' | '/console'): readonly ServedFile[] | undefined {
  const page = join(BUILT, name, name === 'page' ? 'index.html' : `${name}.html`);
  const folder = join(BUILT, name, 'assets');
  if (!existsSync(page) || !existsSync(folder)) return undefined;
  const assets = readdirSync(folder).map((file) => {
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    return new ServedFile(posix.join(at, 'assets', file), type, FOR_EVER, readFileSync(join(folder, file)));
  });
  return [new ServedFile(at, 'text/html; charset=utf-8', 'no-cache', readFileSync(page)), ...assets];
}

/** The HTML of the app; undefined when it was not built. */
export function builtApp(): string | undefined {
  const app = join(BUILT, 'app/app.html');
  return existsSync(app) ? readFileSync(app, 'utf8') : undefined;
}
