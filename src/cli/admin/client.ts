import { networkTrouble, statusTrouble } from '../trouble.js';

/** How long the service may take to answer, in milliseconds. */
const PATIENCE_MS = 30_000;

export interface AdminRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/admin`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
}

/** What the service answered instead of doing it. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** The API of operators of one service. */
export class AdminClient {
  /** @param base the service, without `/admin` and without a slash at the end */
  constructor(
    private readonly base: URL,
    private readonly token: string | undefined,
  ) {}

  /** @throws RefusedError in words for a person */
  async send({ method, path, query = {}, body }: AdminRequest): Promise<unknown> {
    const url = new URL(`${this.base.href.replace(/\/$/, '')}/admin${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        redirect: 'manual',
        headers: {
          Accept: 'application/json',
          ...(this.token !== undefined && { Authorization: `Bearer ${this.token}` }),
          ...(body && { 'Content-Type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      text = await response.text();
    } catch (error) {
      const { message, advice } = networkTrouble(error, this.base);
      throw new RefusedError(`${message}. ${advice}.`);
    }
    const answer = json(text);
    if (response.ok && answer) return answer;
    throw new RefusedError(this.#refusal(response.status, answer));
  }

  #refusal(status: number, answer: Readonly<Record<string, unknown>> | undefined): string {
    if (status === 401 && this.token === undefined) return 'A token is required. Set PARLEY_ADMIN_TOKEN.';
    if (typeof answer?.['hint'] === 'string') return `${String(answer['error'])}. ${answer['hint']}`;
    if (status === 404)
      return `${this.base.href} has no API for operators. Check the URL; the service may have ADMIN=false.`;
    const { message, advice } = statusTrouble(status, this.base, true);
    return `${message}. ${advice}.`;
  }
}

function json(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
