import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientPool, connectV1, connectV2 } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { freePort } from '../support/redis.js';
import { Buildah, type ImageConfig } from './buildah.js';
import { Container } from './container.js';

/** npm fetches everything twice, on a busy machine, in milliseconds. */
const BUILD_MS = 900_000;

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>> & {
  readonly version: string;
};

describeWith(['buildah'], 'the image that the Dockerfile builds', (program) => {
  const clients = new ClientPool();
  const containers: Container[] = [];
  let buildah: Buildah;
  let image: ImageConfig;
  let root: string;

  const run = (environment?: Readonly<Record<string, string>>, command?: readonly string[]) => {
    const container = Container.run(root, image, environment, command);
    containers.push(container);
    return container;
  };
  /** A service that anybody may use. */
  const serve = async () => {
    const PORT = `${await freePort()}`;
    const environment = { PORT, AUTH_NONE_ON_PUBLIC_ADDRESS: 'true' };
    const container = run(environment);
    await container.announced();
    return { container, environment, url: new URL(`http://127.0.0.1:${PORT}/mcp`) };
  };
  const healthCheck = (environment: Readonly<Record<string, string>>) => {
    const [kind, ...command] = image.Healthcheck.Test;
    expect(kind).toBe('CMD');
    return run(environment, command).exited;
  };

  beforeAll(async () => {
    buildah = Buildah.open(program);
    await buildah.build();
    [image, root] = await Promise.all([buildah.config(), buildah.unpack()]);
  }, BUILD_MS);
  afterEach(async () => {
    await clients.closeAll();
    await Promise.all(containers.splice(0).map((container) => container.end()));
  });
  afterAll(() => buildah?.close(), 60_000);

  it('holds what runs and nothing that it was built with', () => {
    expect(readdirSync(join(root, 'parley')).sort()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json']);
    const packages = readdirSync(join(root, 'parley/node_modules'), { recursive: true, encoding: 'utf8' });
    const { dependencies, optionalDependencies, devDependencies } = manifest;
    expect(packages).toEqual(expect.arrayContaining(Object.keys({ ...dependencies, ...optionalDependencies })));
    const tools = ['typescript', 'jest', 'eslint', 'vite', 'playwright-core'];
    expect(Object.keys(devDependencies!)).toEqual(expect.arrayContaining(tools));
    expect(packages.filter((name) => tools.includes(name))).toEqual([]);
    expect(readdirSync(join(root, 'parley/dist')).filter((name) => name.endsWith('.tsbuildinfo'))).toEqual([]);
    expect(readdirSync(join(root, 'root'))).toEqual([]);
  });

  it('belongs to root, so that who runs it cannot change it', () => {
    const parley = join(root, 'parley');
    const changeable = [
      parley,
      ...readdirSync(parley, { recursive: true, encoding: 'utf8' }).map((name) => join(parley, name)),
    ]
      .map((path) => ({ path, ...statSync(path) }))
      .filter(({ uid, mode }) => uid !== 0 || (mode & 0o022) !== 0);
    expect(changeable.map(({ path }) => path)).toEqual([]);
    expect(image.User).toBe('node');
  });

  it('carries the version of the package', () => {
    expect(image.Labels['org.opencontainers.image.version']).toBe(manifest.version);
  });

  it('lets people talk in both eras, without rights and with nothing to write to but /tmp', async () => {
    const { container, environment, url } = await serve();
    const [ann, ben] = await Promise.all([clients.add(connectV1(url)), clients.add(connectV2(url))]);
    await ann.enter({ display_name: 'Ann' });
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await ben.say(roomId, 'from the container');
    await ann.hearsMessage('from the container');
    expect(await healthCheck(environment)).toBe(0);

    container.stop();
    expect(await container.exited).toBe(0);
    expect(await healthCheck(environment)).toBe(1);
  });

  it('is told by its engine to stop and does, also while nobody is there', async () => {
    const { container } = await serve();
    container.stop();
    expect(await container.exited).toBe(0);
  });

  it('does not start by mistake where anybody may come in', async () => {
    const container = run({ PORT: `${await freePort()}` });
    expect(await container.exited).toBe(1);
    expect(container.stderr).toMatch(/^Configuration: .*AUTH_NONE_ON_PUBLIC_ADDRESS/m);
  });

  it('really is confined as a careful operator confines it', async () => {
    const script = `const fs = require('fs'); const write = (path) => { try { fs.writeFileSync(path, ''); return 'done'; } catch ({ code }) { return code; } };
      console.log(JSON.stringify([process.getuid(), process.getgid(), process.pid, write('/parley/x'), write('/x'), write('/home/node/x'), write('/tmp/x')]))`;
    const container = run({}, ['node', '-e', script]);
    expect([await container.exited, container.stderr]).toEqual([0, '']);
    expect(JSON.parse(container.stdout)).toEqual([1000, 1000, 1, 'EROFS', 'EROFS', 'EROFS', 'done']);
  });

  describe.each([
    ['STATE_URL', 'redis://127.0.0.1:1'],
    ['HISTORY_URL', 'postgres://127.0.0.1:1/parley'],
    ['EVENTS_URL', 'nats://127.0.0.1:1'],
  ])('with %s', (variable, address) => {
    it('has the driver, and says that nothing answers there', async () => {
      const container = run({ AUTH_NONE_ON_PUBLIC_ADDRESS: 'true', [variable]: address });
      expect(await container.exited).toBe(1);
      expect(container.stderr).toMatch(new RegExp(`${variable}: .*127\\.0\\.0\\.1:1.*ECONNREFUSED`));
    });
  });

  it('brings the command line along', async () => {
    const container = run({}, ['node', 'dist/cli/parley.js', '--version']);
    expect(await container.exited).toBe(0);
    expect(container.stdout).toContain(manifest.version);
  });
});
