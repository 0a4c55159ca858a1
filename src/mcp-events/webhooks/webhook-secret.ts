import { invalidParams } from '../event-errors.js';

const SECRET = /^whsec_([A-Za-z0-9+/]+)={0,2}$/;
/** Bytes a secret may have. Standard Webhooks, Signature scheme. */
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** The bytes of a subscriber's signing secret: `whsec_` and standard base64, padded or not. @throws EventsError InvalidParams */
export function requireSecret(value: unknown): Buffer {
  const [, base64 = ''] = typeof value === 'string' ? (SECRET.exec(value) ?? []) : [];
  const bytes = Buffer.from(base64, 'base64');
  const same = bytes.toString('base64').replace(/=+$/, '') === base64;
  if (same && bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES) return bytes;
  throw invalidParams(`delivery.secret must be whsec_ and ${MIN_BYTES} to ${MAX_BYTES} bytes in base64`);
}
