import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** Licences that ask for no more than to be passed on. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
  '(MIT OR CC0-1.0)',
];
/** What does not belong to a checkout. */
const MADE_HERE = new Set(['.git', 'node_modules', 'dist', 'coverage']);
const BUILD_MS = 600_000;

const run = promisify(execFile);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

interface LockedPackage {
  readonly version: string;
  readonly dev?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

const json = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T;
const manifest = json<Manifest>('package.json');
const locked = Object.entries(json<{ packages: Record<string, LockedPackage> }>('package-lock.json').packages).filter(
  ([path]) => path !== '',
);
const runtime = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
const nameOf = (path: string) => path.split('node_modules/').at(-1)!;

describe('package-lock.json', () => {
  it('pins every package by a digest of its content', () => {
    expect(locked.length).toBeGreaterThan(300);
    expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  });

  it('takes packages from whichever registry npm is set to, and from nowhere else', () => {
    expect(locked.filter(([, { resolved, link }]) => resolved !== undefined || link).map(([path]) => path)).toEqual([]);
  });
});

describe('npm run sbom', () => {
  interface Component {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes?: readonly { readonly alg: string }[];
    readonly licenses?: readonly { readonly expression?: string; readonly license?: { readonly id?: string } }[];
  }
  interface Bom {
    readonly bomFormat: string;
    readonly metadata: { readonly component: { readonly purl: string } };
    readonly components: readonly Component[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  }
  let bom: Bom;

  beforeAll(async () => {
    const { stdout } = await run('npm', ['run', '--silent', 'sbom'], { maxBuffer: Infinity });
    bom = JSON.parse(stdout) as Bom;
  }, BUILD_MS);

  it('lists exactly what an installation for production holds', () => {
    expect(bom.bomFormat).toBe('CycloneDX');
    expect(bom.metadata.component.purl).toBe(`pkg:npm/${manifest.name}@${manifest.version}`);
    const installed = new Set(
      locked.filter(([, { dev }]) => !dev).map(([path, { version }]) => `${nameOf(path)}@${version}`),
    );
    expect(bom.components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual([...installed].sort());
    expect(bom.components.map(({ name }) => name)).toEqual(expect.arrayContaining(runtime));
    expect(bom.components.filter(({ hashes }) => hashes?.[0]?.alg !== 'SHA-512')).toEqual([]);
  });

  it('tells what needs what, with nothing left over', () => {
    const needs = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set<string>();
    const reach = (ref: string): void => {
      if (reached.has(ref)) return;
      reached.add(ref);
      needs.get(ref)!.forEach(reach);
    };
    reach(`${manifest.name}@${manifest.version}`);
    expect([...reached].sort()).toEqual([...needs.keys()].sort());
  });

  it('finds none but permissive licences', () => {
    const licencesOf = ({ licenses = [] }: Component) =>
      licenses.map(({ expression, license }) => expression ?? license?.id ?? 'none');
    const others = bom.components
      .map((component) => [component.name, ...licencesOf(component)])
      .filter(([, ...licences]) => licences.length === 0 || !licences.every((name) => PERMISSIVE.includes(name)));
    expect(others).toEqual([]);
  });
});

describe('npm pack', () => {
  const folders: string[] = [];
  let packed: Packed[];

  interface Packed {
    readonly integrity: string;
    readonly files: readonly { readonly path: string }[];
  }

  /** As from a clean checkout somewhere else, by somebody else. */
  const pack = async (parent: string, environment: Readonly<Record<string, string>>): Promise<Packed> => {
    const folder = mkdtempSync(join(tmpdir(), parent));
    folders.push(folder);
    cpSync('.', folder, { recursive: true, filter: (path) => !MADE_HERE.has(basename(path)) });
    // What is built must not show where packages lie, so each has its own: by links where that is possible.
    const copy = (how: string) => run('cp', [how, 'node_modules', folder]);
    await copy('-al').catch(() => copy('-af'));
    const { stdout } = await run('npm', ['pack', '--json', '--silent'], {
      cwd: folder,
      env: { ...process.env, ...environment },
      maxBuffer: Infinity,
    });
    const [result] = Object.values(JSON.parse(stdout) as Packed[]);
    return result!;
  };

  beforeAll(async () => {
    packed = [
      await pack('parley-pack-', { TZ: 'Asia/Tokyo', LC_ALL: 'C', NODE_ENV: 'development' }),
      await pack('another-and-longer-place-', { TZ: 'America/Lima', LC_ALL: 'C.UTF-8', NODE_ENV: 'test' }),
    ];
  }, BUILD_MS);
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  it('makes the same package of the same sources, to the byte', () => {
    const [one, other] = packed as [Packed, Packed];
    expect(one.integrity).toMatch(/^sha512-/);
    expect(other.integrity).toBe(one.integrity);
  });

  it('packs what is exported, and neither tests nor sources nor state of builds', () => {
    const files = packed[0]!.files.map(({ path }) => path);
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'CHANGELOG.md',
        '.env.example',
        'dist/index.js',
        'dist/index.d.ts',
      ]),
    );
    for (const schema of readdirSync('docs/schemas/1')) expect(files).toContain(`docs/schemas/1/${schema}`);
    const known = /^(dist\/|docs\/schemas\/|package\.json$|LICENSE$|README\.md$|CHANGELOG\.md$|\.env\.example$)/;
    expect(files.filter((path) => !known.test(path) || /\.spec\.|\.tsbuildinfo$|\.env$/.test(path))).toEqual([]);
  });
});
