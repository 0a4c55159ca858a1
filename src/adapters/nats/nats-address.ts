/** Where the message queue is, as `EVENTS_URL` says. */
export interface NatsAddress {
  /** `host:port` of each server, without credentials. */
  readonly servers: readonly string[];
  readonly tls: boolean;
  readonly login: Login | undefined;
}

export type Login = { readonly user: string; readonly pass: string } | { readonly token: string };

const FORM = /^(nats|tls):\/\/(?:([^@/]*)@)?([^@/?#]+)\/?$/;
const PORT = 4222;

/** What `EVENTS_URL` must be, for messages. */
export const ADDRESS_FORMS = 'nats://[user:password@|token@]host[:port][,host[:port]…], or tls:// for TLS';

/** Reads an address; undefined when it is none. */
export function parseAddress(url: string): NatsAddress | undefined {
  const [, scheme, credentials, hosts] = FORM.exec(url) ?? [];
  const servers = hosts?.split(',').map(parseServer);
  const login = credentials === undefined ? undefined : parseLogin(credentials);
  if (!servers?.every((server) => server !== undefined) || login === null) return undefined;
  return { servers, tls: scheme === 'tls', login };
}

function parseServer(text: string): string | undefined {
  const [, host, port = `${PORT}`] = /^([\w.-]+|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(text) ?? [];
  return host !== undefined && Number(port) >= 1 && Number(port) <= 65_535 ? `${host}:${port}` : undefined;
}

/** Null when it cannot be decoded. */
function parseLogin(text: string): Login | null {
  const at = text.indexOf(':');
  try {
    if (at < 0) return { token: decodeURIComponent(text) };
    return { user: decodeURIComponent(text.slice(0, at)), pass: decodeURIComponent(text.slice(at + 1)) };
  } catch {
    return null;
  }
}
