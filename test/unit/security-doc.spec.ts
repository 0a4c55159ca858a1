import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const section = file('docs/security.md')
  .split(/^## /m)
  .find((text) => text.startsWith('Threats and tests'))!;

interface Row {
  readonly threat: string;
  readonly tests: readonly { readonly path: string; readonly name: string }[];
}

const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (threat|---) /.test(line))
  .map((line): Row => {
    const [, threat, , , shown] = line.split(/ ?\| ?/);
    const proofs = [...shown!.matchAll(/\]\(\.\.\/([^)]+)\): ((?:“[^”]+”(?:, )?)+)/g)];
    const tests = proofs.flatMap(([, path, names]) =>
      [...names!.matchAll(/“([^”]+)”/g)].map(([, name]) => ({ path: path!, name: name! })),
    );
    return { threat: threat!, tests };
  });

/** The words by which the issue and the standards call them. */
const THREATS = [
  /prompt injection/,
  /stolen bearer token/,
  /guessing rooms/,
  /DNS rebinding/,
  /SSRF/,
  /using up memory/,
  /insider/,
  /fixation and hijack/,
  /replay/,
  /in logs/,
  /tampered packages/,
  /slow readers/,
  /moderation/,
];

describe('docs/security.md', () => {
  it('has a row for every kind of attack, and a test in every row', () => {
    for (const words of THREATS) expect(rows.filter(({ threat }) => words.test(threat))).toHaveLength(1);
    expect(rows.filter(({ tests }) => tests.length === 0).map(({ threat }) => threat)).toEqual([]);
    expect(rows.length).toBeGreaterThan(30);
  });

  it.each(rows)('names tests that there are: $threat', ({ tests }) => {
    const missing = tests.filter(({ path, name }) => {
      if (!existsSync(new URL(`../../${path}`, import.meta.url))) return true;
      const text = file(path).replaceAll(String.raw`\'`, "'");
      return !["'", '"', '`'].some(
        (quote) => text.includes(`(${quote}${name}${quote},`) || text.includes(`${quote}${name}${quote},\n`),
      );
    });
    expect(missing).toEqual([]);
  });
});
