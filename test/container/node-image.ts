import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Authorities that this machine trusts; on the image, too. */
export const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Parts of the C library that are loaded by name. */
const LOADED_BY_NAME = /^lib(rt|util|resolv|nss_\w+)\.so\./;

/**
 * Fills a folder with what the Dockerfile takes from `node:22-slim`: Node.js with npm, a shell, `rm`, and the user `node`.
 * All of it is this machine's own, so no registry of images is needed.
 */
export function fillNodeImage(folder: string): void {
  const put = (from: string, to = from) => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(realpathSync(from), join(folder, to));
  };
  for (const empty of ['proc', 'dev', 'sys', 'root', 'tmp', 'home/node']) {
    mkdirSync(join(folder, empty), { recursive: true });
  }
  chmodSync(join(folder, 'tmp'), 0o1777);
  const programs = {
    '/usr/local/bin/node': process.execPath,
    '/bin/sh': '/bin/sh',
    '/bin/rm': '/bin/rm',
    '/usr/bin/env': '/usr/bin/env',
  };
  for (const [to, from] of Object.entries(programs)) {
    put(from, to);
    for (const library of librariesOf(from)) put(library);
  }
  const npm = realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim());
  cpSync(dirname(dirname(npm)), join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr/local/bin/npm'));
  if (existsSync(CERTIFICATES)) put(CERTIFICATES);
  mkdirSync(join(folder, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n');
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
}

/** The shared libraries of a program, and those of the C library that it may load later. */
function librariesOf(program: string): readonly string[] {
  const linked = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+\.so\S*/g) ?? [];
  const home = dirname(linked.find((path) => path.includes('/libc.so'))!);
  const later = readdirSync(home).filter((name) => LOADED_BY_NAME.test(name));
  return [...linked, ...later.map((name) => join(home, name))];
}
