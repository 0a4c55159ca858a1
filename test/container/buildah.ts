import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CERTIFICATES, fillNodeImage } from './node-image.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const MEBIBYTE = 1024 ** 2;

/** What an image says about how it is run, in Docker's words. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** Images and containers without a container engine, in a folder of a test's own. Needs root. */
export class Buildah {
  private constructor(
    private readonly program: string,
    private readonly folder: string,
  ) {}

  static open(program: string): Buildah {
    if (process.getuid?.() !== 0) throw new Error('Images are built by root here: sudo npm run test:container');
    return new Buildah(program, mkdtempSync(join(tmpdir(), 'parley-container-')));
  }

  /** Builds the Dockerfile of this repository, as it says, on the Node.js of this machine. */
  async build(): Promise<void> {
    const files = join(this.folder, 'node');
    fillNodeImage(files);
    const nodeFile = this.#write('Dockerfile.node', 'FROM scratch\nCOPY . /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n');
    await this.#run('build', '--isolation', 'chroot', '--file', nodeFile, '--tag', 'node', files);
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry']);
    const npmrc = this.#write('npmrc', `registry=${stdout.trim()}\ncafile=${CERTIFICATES}\n`);
    const told = ['--build-arg', 'NODE_IMAGE=localhost/node', '--secret', `id=npmrc,src=${npmrc}`];
    await this.#run('build', '--isolation', 'chroot', '--format', 'docker', ...told, '--tag', 'parley', REPOSITORY);
  }

  async config(): Promise<ImageConfig> {
    const { Docker } = JSON.parse(await this.#run('inspect', '--type', 'image', 'parley')) as {
      readonly Docker: { readonly config: ImageConfig };
    };
    return Docker.config;
  }

  /** @returns where the file system of the image can be seen */
  async unpack(): Promise<string> {
    const container = await this.#run('from', 'parley');
    return this.#run('mount', container);
  }

  async close(): Promise<void> {
    await this.#run('rm', '--all');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** @returns what it printed */
  async #run(...args: readonly string[]): Promise<string> {
    const own = ['--root', join(this.folder, 'storage'), '--runroot', join(this.folder, 'run')];
    const { stdout } = await promisify(execFile)(this.program, [...own, '--storage-driver', 'vfs', ...args], {
      env: { ...process.env, TMPDIR: this.folder },
      maxBuffer: 64 * MEBIBYTE,
    });
    return stdout.trim();
  }
}
