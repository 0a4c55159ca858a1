import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Environment } from '../../src/config/environment.js';
import { loadConfig } from '../../src/config/index.js';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly stop_grace_period?: string;
}

const at = (path: string) => new URL(`../../${path}`, import.meta.url);
const file = (path: string) => readFileSync(at(path), 'utf8');

/** As Compose reads a value when nothing is set. */
const byDefault = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');

const text = file('compose.yaml');
const compose = parse(text, { merge: true, uniqueKeys: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(compose.services);
const instances = services.filter(([, { build }]) => build !== undefined);
const nginx = file('deploy/nginx/nginx.conf');
const dockerfile = file('Dockerfile');
/** What `ENV` sets in the image. */
const imageEnvironment = Object.fromEntries(
  [...dockerfile.replaceAll(/ \\\n\s+/g, ' ').matchAll(/^ENV (.*)$/gm)].flatMap(([, all]) =>
    all!.split(' ').map((pair) => pair.split('=') as [string, string]),
  ),
);

/** https://github.com/compose-spec/compose-spec/blob/main/05-services.md, as far as it is used. */
const SERVICE_KEYS = [
  'build',
  'cap_drop',
  'command',
  'depends_on',
  'environment',
  'healthcheck',
  'image',
  'init',
  'ports',
  'read_only',
  'restart',
  'security_opt',
  'stop_grace_period',
  'tmpfs',
  'user',
  'volumes',
];

describe('compose.yaml', () => {
  it('says what Compose knows, and leaves no variable without a default', () => {
    expect(Object.keys(compose).filter((key) => !key.startsWith('x-'))).toEqual(['name', 'services', 'volumes']);
    for (const [, service] of services) expect(SERVICE_KEYS).toEqual(expect.arrayContaining(Object.keys(service)));
    expect(text.replaceAll(/\$\{\w+:-[^}]*\}/g, '')).not.toContain('${');
  });

  it('starts each service after what it needs, and only where that can be told to be healthy', () => {
    for (const [, { depends_on: needs = {} }] of services) {
      for (const [name, { condition }] of Object.entries(needs)) {
        expect(condition).toBe('service_healthy');
        const needed = compose.services[name]!;
        expect([name, needed.healthcheck !== undefined || /^HEALTHCHECK /m.test(dockerfile)]).toEqual([name, true]);
        if (needed.build === undefined) expect(needed.healthcheck).toBeDefined();
      }
    }
  });

  it('keeps what must last in volumes, and shows containers what is there', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]!));
    const [named, bound] = [
      mounts.filter((from) => !from.startsWith('.')),
      mounts.filter((from) => from.startsWith('.')),
    ];
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const from of bound) expect([from, existsSync(at(from))]).toEqual([from, true]);
  });

  it('publishes the balancer on loopback, and nothing else', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, byDefault(port)]));
    const [, listening] = /listen (\d+);/.exec(nginx)!;
    expect(published).toEqual([['balancer', `127.0.0.1:3000:${listening}`]]);
  });

  it('configures instances with variables that they read, with values that they take', () => {
    expect(instances).toHaveLength(2);
    const known = Object.keys(new Environment());
    for (const [name, { environment = {}, stop_grace_period: grace }] of instances) {
      expect(known).toEqual(expect.arrayContaining(Object.keys(environment)));
      const values = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, byDefault(value)]));
      const config = loadConfig({ ...imageEnvironment, ...values });
      expect(config.instanceUrl).toBe(`http://${name}:${imageEnvironment['PORT']}`);
      for (const engine of [config.shared!, config.history!, config.messageQueue!]) {
        expect(Object.keys(compose.services)).toContain(new URL(engine.url).hostname);
      }
      expect(Number.parseInt(grace!, 10) * 1000).toBeGreaterThan(config.shutdownMs);
    }
  });

  it.each([
    { AUTH_MODE: 'jwt', AUTH_JWKS_URL: 'https://id.example.org/keys' },
    {
      AUTH_MODE: 'introspection',
      AUTH_INTROSPECTION_URL: 'https://id.example.org/introspect',
      AUTH_CLIENT_ID: 'parley',
      AUTH_CLIENT_SECRET: 'not-told',
    },
  ])('passes on what $AUTH_MODE needs', (chosen) => {
    const set: Readonly<Record<string, string>> = {
      ...chosen,
      AUTH_ISSUER: 'https://id.example.org',
      PUBLIC_URL: 'https://parley.example.org',
      AUTH_NONE_ON_PUBLIC_ADDRESS: 'false',
    };
    for (const [, { environment = {} }] of instances) {
      const values = Object.entries(environment).map(([key, value]) => [key, set[key] ?? byDefault(value)]);
      const config = loadConfig({ ...imageEnvironment, ...(Object.fromEntries(values) as Record<string, string>) });
      expect(config.auth.mode).toBe(chosen.AUTH_MODE);
    }
  });

  it('has every variable explained', () => {
    const guide = file('docs/deployment.md');
    const variables = new Set([...text.matchAll(/\$\{(\w+):-/g)].map(([, name]) => name!));
    expect([...variables].filter((name) => !guide.includes(`\`${name}`))).toEqual([]);
  });
});

describe('deploy/nginx/nginx.conf', () => {
  const setting = (name: string) => Number.parseInt(new RegExp(`^\\s*${name} (\\d+)`, 'm').exec(nginx)![1]!, 10);

  it('sends requests to the instances of the compose file', () => {
    const groups = [...nginx.matchAll(/^ {2}upstream .*?^ {2}}/gms)].map(([group]) =>
      [...group.matchAll(/^\s+server (\S+:\d+) /gm)].map(([, server]) => server),
    );
    const all = instances.map(([name]) => `${name}:${imageEnvironment['PORT']}`);
    expect(groups).toEqual([all, all]);
  });

  it('keeps no idle connection to an instance that has been draining', () => {
    const idle = setting('keepalive_timeout');
    for (const [, { environment = {} }] of instances) {
      expect(idle).toBeLessThan(Number(byDefault(environment['DRAIN_SECONDS']!)));
    }
  });

  it('is as patient, and takes as much, as the service', () => {
    const { WAIT_MAX_SECONDS, STREAM_KEEPALIVE_SECONDS, BODY_MAX_BYTES } = new Environment();
    expect(setting('proxy_read_timeout')).toBeGreaterThan(Math.max(WAIT_MAX_SECONDS, STREAM_KEEPALIVE_SECONDS));
    expect(setting('client_max_body_size') * 1024).toBe(BODY_MAX_BYTES);
  });
});

describe('Dockerfile', () => {
  it('copies what is there and what the build is shown', () => {
    const shown = file('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, from]) => from!.split(' '));
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) expect([path, existsSync(at(path)), shown.includes(path)]).toEqual([path, true, true]);
    expect(shown.filter((path) => !copied.includes(path))).toEqual([]);
  });

  it('runs as somebody without rights', () => {
    const [last] = dockerfile.split(/^FROM /m).slice(-1);
    expect(last).toMatch(/^USER node$/m);
    expect(imageEnvironment).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0' });
  });
});
