import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from '@jest/globals';

/** Where Debian keeps the programs of PostgreSQL, by version. */
const POSTGRESQL = '/usr/lib/postgresql';

/** Where one of these programs is, or undefined. */
function find(names: readonly string[]): string | undefined {
  const versions = existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(POSTGRESQL, version, 'bin')),
  ];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/**
 * A block of tests that drive another program. Where it is missing, what is left out is said loudly; in CI that is a
 * failure.
 *
 * @param names of the program, any of which will do
 */
export function describeWith(names: readonly string[], title: string, body: (path: string) => void): void {
  const path = find(names);
  if (path !== undefined) return describe(title, () => body(path));
  const missing = `${title}: left out, because ${names.join(' or ')} is not installed`;
  if (process.env['CI']) {
    it(`${title} needs ${names[0]}`, () => {
      throw new Error(missing);
    });
    return;
  }
  console.warn(missing);
  describe(title, () => it.todo(`needs ${names[0]}`));
}
