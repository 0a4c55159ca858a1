import type { PoolFacts, ServerFacts } from './connection.js';

/** What Parley's extension says of the server; older ones say less. */
export interface ServerSettings {
  readonly pools?: readonly PoolFacts[];
  readonly message_max_characters?: number;
  readonly tool_prefix?: string;
}

export function serverFacts({ pools = [], message_max_characters }: ServerSettings): ServerFacts {
  return { pools, ...(message_max_characters !== undefined && { messageMaxCharacters: message_max_characters }) };
}
