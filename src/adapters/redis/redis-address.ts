/** Where the state is, as `STATE_URL` says. */
export type RedisAddress = {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
  /** The endpoints without credentials, for messages. */
  readonly shown: string;
  readonly endpoints: readonly Endpoint[];
} & (
  | { readonly kind: 'single'; readonly database: number }
  | { readonly kind: 'sentinel'; readonly master: string; readonly database: number }
  | { readonly kind: 'cluster' }
);

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const FORM = /^(redis|rediss)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^@/]+)(?:\/([^?#]*))?$/;
const PORTS = { single: 6379, cluster: 6379, sentinel: 26_379 };

/** What `STATE_URL` must be, for messages. */
export const ADDRESS_FORMS =
  'redis://[user:password@]host[:port][/database], rediss:// for TLS, redis+cluster://host[:port][,host[:port]…] or ' +
  'redis+sentinel://host[:port][,host[:port]…]/master[/database]';

/** Reads an address; undefined when it is none. */
export function parseAddress(url: string): RedisAddress | undefined {
  const [, scheme, kind = 'single', credentials, hosts, path = ''] = FORM.exec(url) ?? [];
  if (hosts === undefined) return undefined;
  const endpoints = hosts.split(',').map((host) => parseEndpoint(host, PORTS[kind as keyof typeof PORTS]));
  const [username, password] = parseCredentials(credentials) ?? [null];
  const parts = path === '' ? [] : path.split('/');
  if (username === null || !endpoints.every((endpoint) => endpoint !== undefined)) return undefined;
  const shown = endpoints.map(({ host, port }) => `${host}:${port}`).join(', ');
  const common = { username, password, tls: scheme === 'rediss', shown, endpoints };
  if (kind === 'cluster') return parts.length === 0 ? { ...common, kind } : undefined;
  const master = kind === 'sentinel' ? parts.shift() : undefined;
  const database = Number(parts[0] ?? 0);
  if (parts.length > 1 || !Number.isInteger(database) || database < 0) return undefined;
  if (kind !== 'sentinel') return endpoints.length === 1 ? { ...common, kind: 'single', database } : undefined;
  return master ? { ...common, kind, master: decodeURIComponent(master), database } : undefined;
}

function parseEndpoint(text: string, standard: number): Endpoint | undefined {
  const [, bracketed, plain, port] = /^(?:\[([\da-fA-F:]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? standard : Number(port);
  return host === undefined || number < 1 || number > 65_535 ? undefined : { host, port: number };
}

/** User and password; null when they cannot be decoded. */
function parseCredentials(text = ''): readonly [string | undefined, string | undefined] | null {
  const at = text.indexOf(':');
  const [user, password] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  try {
    return [decodeURIComponent(user) || undefined, decodeURIComponent(password) || undefined];
  } catch {
    return null;
  }
}
