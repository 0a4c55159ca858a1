import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from '../support/until.js';
import type { ImageConfig } from './buildah.js';

/**
 * Sees nothing of this machine but its network and its devices, as the first process of its own, may write in /tmp
 * alone, and has no rights that an unprivileged user has not.
 */
const CONFINED = `set -e
root=$1; work=$2; shift 2
mount --bind "$root" "$root"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec=node:node "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$work" "$@"`;

/** A process in the file system of the image, as whoever the image says. */
export class Container {
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | string>;
  #over = false;

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        resolve(code ?? signal!);
      });
    });
  }

  /** @param command what to run instead of what the image says */
  static run(
    root: string,
    image: ImageConfig,
    environment: Readonly<Record<string, string>> = {},
    command: readonly string[] = image.Cmd,
  ): Container {
    const env = Object.fromEntries(image.Env.map((pair) => pair.split(/=(.*)/s) as [string, string]));
    const alone = ['--mount', '--pid', '--fork', '--kill-child'];
    const child = spawn(
      '/usr/bin/unshare',
      [...alone, '/bin/sh', '-c', CONFINED, 'sh', root, image.WorkingDir, ...command],
      {
        env: { ...env, PATH: `${env['PATH']}:/usr/sbin:/sbin`, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    return new Container(child);
  }

  /** Until it has said where it is. */
  async announced(): Promise<void> {
    await until('the service to say where it is', () => this.#over || /serves MCP at \S+/.test(this.stderr));
    if (this.#over) throw new Error(`the container ended: ${this.stderr}`);
  }

  /** To the first process in the container, as an engine does. */
  stop(): void {
    const { pid } = this.child;
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()), 'SIGTERM');
  }

  async end(): Promise<void> {
    if (!this.#over) this.child.kill('SIGKILL');
    await this.exited;
  }
}
