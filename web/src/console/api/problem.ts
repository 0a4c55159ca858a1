/** Why a request was not answered as asked, in words for the person. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** HTTP status; 0: there was no answer. */
    readonly status: number,
    message: string,
    /** What would be right, if the server says so. */
    readonly hint?: string,
    /** After how many seconds to try again, if the server says so. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }

  /** Message and hint as one text. */
  get text(): string {
    return this.hint === undefined || this.hint === '' ? this.message : `${sentence(this.message)} ${this.hint}`;
  }
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** What went wrong, whatever was thrown. */
export const inWords = (error: unknown): string =>
  error instanceof Problem ? error.text : error instanceof Error ? error.message : String(error);

/** The problem that an answer tells of. */
export async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
  const { error, message, hint } = (await response.json().catch(() => ({}))) as Partial<Record<string, string>>;
  return new Problem(
    response.status,
    error ?? message ?? `The server answered with ${response.status}`,
    hint,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}
