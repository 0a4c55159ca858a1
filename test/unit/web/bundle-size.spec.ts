import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

const BUILT = fileURLToPath(new URL('../../../dist/www/', import.meta.url));
const MOST_BYTES = 120 * 1024;

const gzipped = (...names: readonly string[]) =>
  names.reduce((sum, name) => sum + gzipSync(readFileSync(BUILT + name), { level: 9 }).length, 0);

describe('what is built for browsers', () => {
  it('is less than 120 KiB for the page, with all that it loads', () => {
    const assets = readdirSync(`${BUILT}page/assets`).map((name) => `page/assets/${name}`);
    expect(gzipped('page/index.html', ...assets)).toBeLessThan(MOST_BYTES);
  });

  it('is less than 120 KiB for the window in hosts, in one file that loads nothing', () => {
    expect(gzipped('app/app.html')).toBeLessThan(MOST_BYTES);
    expect(readFileSync(`${BUILT}app/app.html`, 'utf8')).not.toMatch(/<(script|link)[^>]*\s(src|href)=/);
  });

  it('is less than 100 KiB for the console, with all that it loads', () => {
    const assets = readdirSync(`${BUILT}console/assets`).map((name) => `console/assets/${name}`);
    expect(gzipped('console/console.html', ...assets)).toBeLessThan(100 * 1024);
  });

  it.each(['page/index.html', 'console/console.html'])('needs no inline script or style in %s', (name) => {
    const html = readFileSync(BUILT + name, 'utf8');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=/);
  });
});
