import { createHash } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const base64url = (data: string | Uint8Array) => Buffer.from(data).toString('base64url');

/** A JWT as NATS has them: signed with an nkey. */
function signed(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const claims = { sub: subject.getPublicKey(), iss: issuer.getPublicKey(), iat: 1_700_000_000, nats };
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('base64url');
  const header = base64url(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }));
  const content = `${header}.${base64url(JSON.stringify({ ...claims, jti }))}`;
  return `${content}.${base64url(issuer.sign(Buffer.from(content)))}`;
}

/** An operator with an account for the service: what the server has to know, and the `.creds` file of a user. */
export function operatorMode(): { readonly settings: string; readonly credentials: string } {
  const [operator, system, account, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ];
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const accountJwt = (which: KeyPair, limited: object) =>
    signed(operator, which, { type: 'account', version: 2, limits: limited });
  const userJwt = signed(account, user, { type: 'user', version: 2, subs: -1, data: -1, payload: -1 });
  return {
    settings: [
      `operator: "${signed(operator, operator, { type: 'operator', version: 2 })}"`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: {`,
      `  ${system.getPublicKey()}: "${accountJwt(system, limits)}"`,
      `  ${account.getPublicKey()}: "${accountJwt(account, { ...limits, ...storage })}"`,
      `}`,
    ].join('\n'),
    credentials: [
      '-----BEGIN NATS USER JWT-----',
      userJwt,
      '------END NATS USER JWT------',
      '-----BEGIN USER NKEY SEED-----',
      new TextDecoder().decode(user.getSeed()),
      '------END USER NKEY SEED------',
      '',
    ].join('\n'),
  };
}
