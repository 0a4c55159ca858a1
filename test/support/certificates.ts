import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** An authority that nobody knows yet, and a server's certificate from it. */
export class TestCertificates {
  private constructor(private readonly folder: string) {}

  /**
   * @param program the path of `openssl`
   * @param host the name or the address that the certificate is good for, and no other
   */
  static make(program: string, host: string): TestCertificates {
    const certificates = new TestCertificates(mkdtempSync(join(tmpdir(), 'parley-certificates-')));
    const { authority, certificate, key, folder } = certificates;
    const issue = (...args: readonly string[]) =>
      execFileSync(program, ['req', '-x509', ...NEW_KEY, ...args], { stdio: 'pipe' });
    const authorityKey = join(folder, 'authority.key');
    issue('-subj', '/CN=Authority of a test', '-keyout', authorityKey, '-out', authority);
    const names = [
      '-addext',
      `subjectAltName=${isIP(host) ? 'IP' : 'DNS'}:${host}`,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    ];
    const issuer = ['-CA', authority, '-CAkey', authorityKey];
    issue('-subj', '/CN=Server of a test', ...issuer, ...names, '-keyout', key, '-out', certificate);
    // Servers that are run as somebody else read it, too.
    chmodSync(folder, 0o755);
    return certificates;
  }

  get authority(): string {
    return join(this.folder, 'authority.pem');
  }

  get certificate(): string {
    return join(this.folder, 'server.pem');
  }

  /** Readable by its owner alone. */
  get key(): string {
    return join(this.folder, 'server.key');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
