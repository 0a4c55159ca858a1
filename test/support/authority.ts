import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { textOf } from '../e2e/http/wire.js';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function signingKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export type Overrides = JWTPayload & { readonly scope?: string | undefined };

export const CLIENT = { id: 'parley: the service', secret: 's3cret/with+odd=characters' } as const;

/** An authorization server that signs tokens with keys of its own, publishes them, and answers about tokens. */
export class Authority {
  /** The keys it publishes. */
  published: SigningKey[] = [];
  /** The key it signs with. */
  current!: SigningKey;
  /** While true, it answers everything with status 500. */
  broken = false;
  /** How long it thinks before it answers, in milliseconds. */
  delayMs = 0;
  /** How long the tokens are good that it issues to clients. */
  tokenSeconds = 300;
  readonly revoked = new Set<string>();
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  /** Claims by token, for introspection. */
  readonly #claims = new Map<string, JWTPayload>();
  #serial = 0;

  private constructor(private readonly server: Server) {}

  static async start(alg = 'ES256'): Promise<Authority> {
    const server = createServer((request, response) => void authority.#answer(request, response));
    const authority = new Authority(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    authority.current = await signingKey('first', alg);
    authority.published = [authority.current];
    return authority;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/realm`;
  }

  /** What configures a service to trust it by its keys. */
  get jwt(): Record<string, string> {
    return { AUTH_MODE: 'jwt', AUTH_ISSUER: this.issuer, AUTH_JWKS_URL: `${this.issuer}/jwks`, ...RESOURCE };
  }

  /** What configures a service to ask it about every token. */
  get introspection(): Record<string, string> {
    return {
      AUTH_MODE: 'introspection',
      AUTH_ISSUER: this.issuer,
      AUTH_INTROSPECTION_URL: `${this.issuer}/introspect`,
      AUTH_CLIENT_ID: CLIENT.id,
      AUTH_CLIENT_SECRET: CLIENT.secret,
      ...RESOURCE,
    };
  }

  /** A token for `sub`, good for five minutes, that may talk. Overrides that are undefined are left out. */
  async token(sub: string, overrides: Overrides = {}, key = this.current): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer,
      sub,
      aud: AUDIENCE,
      iat: now,
      exp: now + 300,
      jti: String(this.#serial++),
      scope: 'parley:chat',
      ...overrides,
    };
    const payload = JSON.parse(JSON.stringify(claims)) as JWTPayload;
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt' })
      .sign(key.privateKey);
    this.#claims.set(token, payload);
    return token;
  }

  /** Signs with a new key from now on, and publishes it beside those before. */
  async rotate(kid: string): Promise<void> {
    this.current = await signingKey(kid);
    this.published.push(this.current);
  }

  countOf(path: string): number {
    return this.asked.filter((asked) => asked.endsWith(path)).length;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get #metadata(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      response_types_supported: ['code'],
      grant_types_supported: ['client_credentials', 'authorization_code'],
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  /** A token for the resource and the scopes that a client asks for (RFC 6749, section 4.4; RFC 8707). */
  async #issue({ headers }: IncomingMessage, form: URLSearchParams): Promise<[number, object]> {
    if (headers.authorization === undefined) return [401, { error: 'invalid_client' }];
    const aud = form.get('resource') ?? undefined;
    const scope = form.get('scope') ?? undefined;
    const [sub] = Buffer.from(headers.authorization.slice('Basic '.length), 'base64').toString().split(':');
    const lasting = this.tokenSeconds;
    const exp = Math.floor(Date.now() / 1000) + lasting;
    const access_token = await this.token(sub!, { aud, scope, exp });
    return [200, { access_token, token_type: 'Bearer', expires_in: lasting, scope }];
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, this.issuer);
    this.asked.push(pathname);
    const body = await textOf(request);
    const send = (status: number, value: object) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    if (this.delayMs > 0) await sleep(this.delayMs, undefined, { ref: false });
    if (this.broken) return void send(500, { error: 'server_error' });
    if (pathname === '/.well-known/oauth-authorization-server/realm') return void send(200, this.#metadata);
    if (pathname.endsWith('/token')) return void send(...(await this.#issue(request, new URLSearchParams(body))));
    if (pathname.endsWith('/jwks')) return void send(200, { keys: this.published.map(({ publicJwk }) => publicJwk) });
    if (!pathname.endsWith('/introspect')) return void send(404, {});
    if (request.headers.authorization !== BASIC) return void send(401, { error: 'invalid_client' });
    const token = new URLSearchParams(body).get('token') ?? '';
    const claims = this.revoked.has(token) ? undefined : this.#claims.get(token);
    return void send(200, claims ? { active: true, ...claims } : { active: false });
  }
}

/** What tokens are for unless a test says otherwise. */
export const AUDIENCE = 'https://parley.example.org/mcp';
const RESOURCE = { PUBLIC_URL: 'https://parley.example.org' };

const encoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
const BASIC = `Basic ${Buffer.from(`${encoded(CLIENT.id)}:${encoded(CLIENT.secret)}`).toString('base64')}`;
