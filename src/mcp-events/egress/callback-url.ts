import { isIP } from 'node:net';
import type { EgressSettings } from '../../config/index.js';
import { isPublicAddress } from './public-address.js';

/** Why a URL cannot be a callback. The message says what it must be and never repeats it. */
export class CallbackUrlError extends Error {
  override readonly name = 'CallbackUrlError';
}

/** Where a callback URL leads. */
export interface CallbackTarget {
  /** TLS; only loopback in development goes without. */
  readonly secure: boolean;
  /** A name in lower case or an IP address, as the URL parser normalises them; no brackets, no dot at the end. */
  readonly hostname: string;
  readonly port: number;
  /** For the Host header: the port is left out when it is the usual one. */
  readonly host: string;
  /** Path and query exactly as they were written: the receiver may have signed them. */
  readonly path: string;
}

const MAX_LENGTH = 2_048;
const VISIBLE_ASCII = /^[\x21-\x7e]*$/;
const ABSOLUTE = /^(https?):\/\/([^/?]+)(.*)$/i;
const LOOPBACK = /^(127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * Checks what a callback URL says by itself (MCP Events, Webhook security): https, no user or fragment, a port that is
 * allowed, no address that is not public. What its name resolves to is checked whenever it is connected to.
 *
 * @throws CallbackUrlError
 */
export function requireCallbackUrl(
  text: string,
  rules: Pick<EgressSettings, 'allowLoopback' | 'ports'>,
): CallbackTarget {
  if (text.length > MAX_LENGTH) throw new CallbackUrlError(`must have at most ${MAX_LENGTH} characters`);
  if (!VISIBLE_ASCII.test(text)) throw new CallbackUrlError('must be visible ASCII; encode anything else');
  if (text.includes('#')) throw new CallbackUrlError('must have no fragment');
  // The URL parser reads a backslash as a slash, and mends or skips much more: only what is plain is let through to it.
  if (text.includes('\\')) throw new CallbackUrlError('must have no backslash');
  const [, scheme, authority, rest] = ABSOLUTE.exec(text) ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined || !URL.canParse(text)) {
    throw new CallbackUrlError('must be an absolute https URL');
  }
  if (authority.includes('@')) throw new CallbackUrlError('must have no user or password');
  const url = new URL(text);
  const secure = scheme.toLowerCase() === 'https';
  const target: CallbackTarget = {
    secure,
    hostname: url.hostname.replace(/^\[|\]$|\.$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    path: rest.startsWith('/') ? rest : `/${rest}`,
  };
  if (!secure) requireLoopback(authority, rules);
  else requirePublic(target, rules);
  return target;
}

function requireLoopback(authority: string, { allowLoopback }: Pick<EgressSettings, 'allowLoopback'>): void {
  if (allowLoopback && LOOPBACK.test(authority)) return;
  throw new CallbackUrlError(`must be https${allowLoopback ? ', or http on 127.0.0.1 or [::1]' : ''}`);
}

function requirePublic({ hostname, port }: CallbackTarget, { ports }: Pick<EgressSettings, 'ports'>): void {
  // '127.0.0.1..' is no address to a parser, and what a resolver makes of it is anybody's guess.
  if (hostname.split('.').includes('')) throw new CallbackUrlError('must name a host without empty parts');
  if (!ports.includes(port)) throw new CallbackUrlError(`must use port ${ports.join(' or ')}`);
  if (isIP(hostname) !== 0 && !isPublicAddress(hostname)) throw new CallbackUrlError('must not lead to that address');
}
