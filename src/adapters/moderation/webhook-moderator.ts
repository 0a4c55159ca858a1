import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { MessageModerator, Utterance, Verdict } from '../../ports/message-moderator.js';

/** Most bytes read of an answer: a masked message of the longest kind fits. */
const ANSWER_MAX_BYTES = 1_000_000;

export interface WebhookModeratorSettings {
  readonly url: string;
  /** `whsec_` and base64, as Standard Webhooks has it. */
  readonly secret: string;
}

/** Asks a service of the operator's own. Its connections are kept open, and redirects are not followed. */
export class WebhookModerator implements MessageModerator {
  readonly name = 'webhook';
  readonly #url: string;
  readonly #signer: Webhook;

  constructor({ url, secret }: WebhookModeratorSettings) {
    this.#url = url;
    this.#signer = new Webhook(secret);
  }

  /** What comes back is the operator's word and yet not trusted: whoever asked for a verdict checks that it is one. */
  async judge({ kind, text, participantId, roomId }: Utterance, signal: AbortSignal): Promise<Verdict> {
    const [id, at] = [randomUUID(), new Date()];
    const body = JSON.stringify({ kind, text, participant_id: participantId ?? null, room_id: roomId ?? null });
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'User-Agent': 'mcp-parley',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': this.#signer.sign(id, at, body),
      },
      body,
      redirect: 'manual',
      signal,
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`it answered with status ${response.status}`);
    }
    return JSON.parse(await readText(response)) as Verdict;
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_MAX_BYTES) throw new Error(`its answer has more than ${ANSWER_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
