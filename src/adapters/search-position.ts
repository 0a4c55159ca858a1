import type { FoundMessage } from '../ports/history-store.js';

/** Where a page of found messages ends, so that the next begins behind it. */
export interface SearchPosition {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly roomId: string;
  readonly seq: number;
}

export function encodePosition({ timestamp, roomId, seq }: FoundMessage): string {
  return Buffer.from(JSON.stringify([Date.parse(timestamp), roomId, seq])).toString('base64url');
}

/** Undefined when it is none. */
export function decodePosition(text: string): SearchPosition | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [at, roomId, seq] = parts as unknown[];
  const isTime = Number.isSafeInteger(at) && !Number.isNaN(new Date(at as number).getTime());
  if (!isTime || typeof roomId !== 'string' || roomId.includes('\0') || !Number.isSafeInteger(seq)) return undefined;
  return { at: at as number, roomId, seq: seq as number };
}
