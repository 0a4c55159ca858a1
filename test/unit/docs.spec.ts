import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { AffinityOptions, MATCHING_API_VERSION, PriorityOptions, SkillsOptions } from '../../src/matching/index.js';

const at = (path: string) => new URL(`../../${path}`, import.meta.url);
const file = (path: string) => readFileSync(at(path), 'utf8');
const manifest = JSON.parse(file('package.json')) as Record<string, Record<string, string>> & { version: string };
const matching = file('docs/matching.md');

describe('docs/matching.md', () => {
  it('shows the files of the first strategy as they are', () => {
    const files = readdirSync(new URL('../../examples/first-strategy', import.meta.url));
    expect(files).toHaveLength(3);
    for (const name of files) expect(matching).toContain(`\`\`\`js\n${file(`examples/first-strategy/${name}`)}\`\`\``);
  });

  it('names every option of the built-in strategies, and the version of the interface', () => {
    const options = [PriorityOptions, AffinityOptions, SkillsOptions].flatMap((type) => Object.keys(new type()));
    expect(options.length).toBeGreaterThan(10);
    for (const name of options) expect(matching).toContain(`\`${name}\``);
    const [major, minor] = MATCHING_API_VERSION.split('.');
    expect(matching).toContain(`static readonly apiVersion = '${major}.${minor}'`);
  });
});

describe.each([
  'README.md',
  ...readdirSync(at('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
])('%s', (path) => {
  /** Headings as GitHub names their anchors. */
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    );

  it('links to what is there', () => {
    const text = file(path);
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(
      ([, inline, below]) => inline ?? below!,
    );
    const broken = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [target, anchor] = link.split('#');
        const url = target === '' ? at(path) : new URL(target!, at(path));
        return !existsSync(url) || (anchor !== undefined && !anchors(readFileSync(url, 'utf8')).includes(anchor));
      });
    expect(broken).toEqual([]);
  });
});

describe('docs/clients.md', () => {
  const guide = file('docs/clients.md');
  const configs = readdirSync(at('examples/clients/config'));

  it.each(configs)('shows %s as it is, and links to it', (name) => {
    const text = file(`examples/clients/config/${name}`);
    expect(guide).toContain(`\`\`\`${name.split('.').at(-1)}\n${text}\`\`\``);
    expect(guide).toContain(`(../examples/clients/config/${name})`);
  });

  it.each(configs)('leads to the service by %s, which its host can read', (name) => {
    const text = file(`examples/clients/config/${name}`);
    if (name.endsWith('.json')) JSON.parse(text);
    else
      for (const line of text.trim().split('\n'))
        expect(line).toMatch(/^(\[[\w.]+\]|\w+ = ("[^"]*"|\["[^"]*"(, "[^"]*")*\]))$/);
    expect(text).toMatch(/"http:\/\/127\.0\.0\.1:3000\/mcp"/);
  });
});

describe('README.md', () => {
  it('says of every dependency why it was chosen', () => {
    const decisions = file('README.md').split('## Decisions')[1]!;
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const unexplained = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
      // Types of a package go with the package.
      .filter((name) => !/^@types\/(?!node)/.test(name))
      .filter((name) => !decisions.includes(`\`${name}\``));
    expect(unexplained).toEqual([]);
  });
});

/** https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json, as far as it is used, and the registry's own rules. */
describe('server.json', () => {
  const server = JSON.parse(file('server.json')) as {
    $schema: string;
    name: string;
    title: string;
    description: string;
    version: string;
    packages: [Record<string, unknown> & { packageArguments: Record<string, unknown>[] }];
    remotes: [{ type: string; url: string; variables: Record<string, Record<string, unknown>> }];
  };
  const [npm] = server.packages;
  const [remote] = server.remotes;

  it('names the server as the registry wants it', () => {
    expect(server.$schema).toBe('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json');
    expect(server.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
    for (const text of [server.title, server.description]) expect([...text].length).toBeLessThanOrEqual(100);
  });

  it('belongs to this package and to its version', () => {
    expect(manifest['mcpName']).toBe(server.name);
    expect([npm.identifier, npm.version, server.version]).toEqual([
      manifest['name'],
      manifest.version,
      manifest.version,
    ]);
    expect(npm).toMatchObject({
      registryType: 'npm',
      runtimeHint: 'npx',
    });
  });

  it('starts the bridge, and knows every place in its address', () => {
    expect(npm['transport']).toEqual({ type: 'stdio' });
    expect(npm.packageArguments[0]).toEqual({ type: 'positional', value: 'bridge' });
    for (const argument of npm.packageArguments) expect(argument['value'] ?? argument['valueHint']).toBeDefined();
    expect(remote.type).toBe('streamable-http');
    expect(remote.url).toMatch(/^https:\/\/\S+$/);
    const places = [...remote.url.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(places).toEqual(Object.keys(remote.variables));
  });
});
