import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

const BUILT = fileURLToPath(new URL('../../../dist/web/', import.meta.url));
const MOST_BYTES = 120 * 1024;

const gzipped = (...names: readonly string[]) =>
  names.reduce((sum, name) => sum + gzipSync(readFileSync(BUILT + name), { level: 9 }).length, 0);

(existsSync(BUILT + 'index.html') ? describe : describe.skip)('what is built for browsers', () => {
  it('is less than 120 KiB for the page, with all that it loads', () => {
    const assets = readdirSync(`${BUILT}assets`).map((name) => `assets/${name}`);
    expect(gzipped('index.html', ...assets)).toBeLessThan(MOST_BYTES);
  });

  it('is less than 120 KiB for the window in hosts, in one file that loads nothing', () => {
    expect(gzipped('app.html')).toBeLessThan(MOST_BYTES);
    expect(readFileSync(`${BUILT}app.html`, 'utf8')).not.toMatch(/<(script|link)[^>]*\s(src|href)=/);
  });

  it('needs no inline script or style on the page', () => {
    const html = readFileSync(`${BUILT}index.html`, 'utf8');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=/);
  });
});
