import type { ChatClient } from '../../../src/client/index.js';

export interface ChatProps {
  /** Started by whoever shows it. */
  readonly client: ChatClient;
  /** A page of its own, or a window in the host of an MCP App. */
  readonly face: 'page' | 'app';
}

/** Everything a person sees of Parley. */
export function Chat({ client }: ChatProps) {
  return <main>{client.state.me?.displayName}</main>;
}
