import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { bearerOf } from '../auth/index.js';
import { isLoopback } from '../config/index.js';

/** What a proxy adds to what it passes on. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

/** Why somebody may not read the metrics: `unauthenticated` may try again with the token. */
export type Denial = 'unauthenticated' | 'not_local';

/**
 * Whoever shows the token reads the metrics; where there is none, whoever is on this machine. A proxy on this machine is
 * not: what it passes on comes from elsewhere.
 */
export function denialOf(request: IncomingMessage, token: string | null): Denial | undefined {
  if (token === null) return isLocal(request) ? undefined : 'not_local';
  const bearer = bearerOf(request);
  return 'token' in bearer && isSame(bearer.token, token) ? undefined : 'unauthenticated';
}

function isLocal({ socket, headers }: IncomingMessage): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return isLoopback(address) && isLoopback(host) && !FORWARDED.some((name) => headers[name] !== undefined);
}

/** In constant time, whatever the lengths. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string) => createHash('sha256').update(text).digest();
