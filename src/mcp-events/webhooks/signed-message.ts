import { Webhook } from 'standardwebhooks';

/** Signs with one secret. */
export const signerOf = (secret: Buffer): Webhook => new Webhook(secret, { format: 'raw' });

/**
 * The headers of a delivery (MCP Events, Webhook delivery; Standard Webhooks). Every attempt has its own time and signature.
 *
 * @param id the event's id, or that of the control envelope
 * @param signers the newest secret first
 * @param now milliseconds since the epoch
 */
export function signedHeaders(
  id: string,
  subscriptionId: string,
  body: string,
  signers: readonly Webhook[],
  now: number,
): Record<string, string> {
  const at = new Date(now);
  return {
    'Content-Type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': signers.map((signer) => signer.sign(id, at, body)).join(' '),
    'X-MCP-Subscription-Id': subscriptionId,
  };
}
