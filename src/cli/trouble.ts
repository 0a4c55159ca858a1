/** Why a service cannot be used, in words for a person. */
export interface Trouble {
  readonly kind: 'unreachable' | 'lost' | 'tls' | 'unauthorised' | 'forbidden' | 'not-mcp' | 'failing';
  /** What is wrong, naming the address. */
  readonly message: string;
  /** What to change. */
  readonly advice: string;
}

/** The service could not be used. The message says why and what to change. */
export class TroubleError extends Error {
  override readonly name = 'TroubleError';

  constructor(readonly trouble: Trouble) {
    super(`${trouble.message}. ${trouble.advice}`);
  }
}

/** Codes of Node.js and undici for connections that never came to be: nothing was sent. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host is not known',
  EAI_AGAIN: 'the host could not be looked up',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ETIMEDOUT: 'the host does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
};

const NOT_TLS = ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'];
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

/** What a failed `fetch` means. */
export function networkTrouble(error: unknown, url: URL): Trouble {
  if ((error as Error).name === 'TimeoutError') return silent(url);
  const code = codeOf(error);
  const unreachable = UNREACHABLE[code];
  if (unreachable !== undefined) {
    const advice = 'Start the service, or check host and port';
    return { kind: 'unreachable', message: `${url.href} cannot be reached: ${unreachable} (${code})`, advice };
  }
  if (NOT_TLS.includes(code)) {
    const advice = `Use ${url.href.replace(/^https/, 'http')}, or put TLS in front of the service`;
    return { kind: 'tls', message: `${url.href} does not speak TLS (${code})`, advice };
  }
  if (UNTRUSTED.test(code)) {
    const advice = 'Renew or correct it; one of your own authority is trusted when NODE_EXTRA_CA_CERTS names its file';
    return { kind: 'tls', message: `The certificate of ${url.host} is not trusted (${code})`, advice };
  }
  const advice =
    url.protocol === 'http:'
      ? 'Try again; if the service wants TLS, use https://'
      : 'Try again; look in the log of the service';
  return { kind: 'lost', message: `The connection to ${url.href} was lost${code && ` (${code})`}`, advice };
}

/** Connected, and no answer in time. */
export const silent = (url: URL): Trouble => ({
  kind: 'failing',
  message: `${url.href} does not answer`,
  advice: 'Look in the log of the service, and of whatever stands before it',
});

/** What an HTTP answer means that is not one of MCP. @param said the service's own words, when it has some */
export function statusTrouble(status: number, url: URL, bearer: boolean, said?: string): Trouble {
  const words = said === undefined ? '' : `: ${said}`;
  if (status === 401) {
    return {
      kind: 'unauthorised',
      message: bearer ? `${url.href} does not accept the bearer token (401)` : `${url.href} wants a bearer token (401)`,
      advice: bearer ? 'Set PARLEY_BEARER_TOKEN to one that is valid' : 'Set PARLEY_BEARER_TOKEN',
    };
  }
  if (status === 403) {
    const advice = `On the service, add ${url.hostname} to ALLOWED_HOSTS; for a browser, its origin to ALLOWED_ORIGINS`;
    return { kind: 'forbidden', message: `${url.href} does not let this client in (403)${words}`, advice };
  }
  if (status >= 500) {
    const advice = 'Try again; look in the log of the service, and of whatever stands before it';
    return { kind: 'failing', message: `${url.href} fails (${status})${words}`, advice };
  }
  const advice = 'Check the path: the endpoint of a Parley service is /mcp';
  return { kind: 'not-mcp', message: `${url.href} answers, but not with MCP (${status})${words}`, advice };
}

function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    // Several addresses were tried; each failed.
    if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
  }
  return '';
}
