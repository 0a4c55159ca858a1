import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServedFile } from './served-file.js';

/** Where the build puts page and app, seen from the TypeScript sources as from what they are compiled to. */
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

/** The page and all that it loads; undefined when it was not built. */
export function builtPage(): readonly ServedFile[] | undefined {
  const page = join(BUILT, 'page/index.html');
  const folder = join(BUILT, 'page/assets');
  if (!existsSync(page) || !existsSync(folder)) return undefined;
  const assets = readdirSync(folder).map((name) => {
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    return new ServedFile(`/assets/${name}`, type, FOR_EVER, readFileSync(join(folder, name)));
  });
  return [new ServedFile('/', 'text/html; charset=utf-8', 'no-cache', readFileSync(page)), ...assets];
}

/** The HTML of the app; undefined when it was not built. */
export function builtApp(): string | undefined {
  const app = join(BUILT, 'app/app.html');
  return existsSync(app) ? readFileSync(app, 'utf8') : undefined;
}
