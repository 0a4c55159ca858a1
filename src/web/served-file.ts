import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const ENCODERS = {
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (body: Buffer) => promisify(gzip)(body, { level: 9 }),
};
type Encoding = keyof typeof ENCODERS;

const COMPRESSIBLE = /^(text\/|application\/manifest\+json|image\/svg)/;

/** A page may do nothing but what ours does: load its own files, talk to its own server. */
const SECURITY = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** One file of the page, held in memory. It is compressed once, when somebody first asks for it. */
export class ServedFile {
  readonly #tag: string;
  readonly #encoded = new Map<Encoding, Promise<Buffer>>();

  /**
   * @param path where it is served
   * @param caching its `Cache-Control`
   */
  constructor(
    readonly path: string,
    private readonly type: string,
    private readonly caching: string,
    private readonly body: Buffer,
  ) {
    // Weak: the same for every encoding.
    this.#tag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  }

  /** Answers GET and HEAD. */
  async serve({ method, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding = COMPRESSIBLE.test(this.type) ? encodingFor(headers['accept-encoding'] ?? '') : undefined;
    const common = {
      ...SECURITY,
      'Cache-Control': this.caching,
      ETag: this.#tag,
      ...(COMPRESSIBLE.test(this.type) && { Vary: 'Accept-Encoding' }),
    };
    if (this.#isKnown(headers['if-none-match'])) {
      response.writeHead(304, common).end();
      return;
    }
    const body = encoding ? await this.#in(encoding) : this.body;
    response.writeHead(200, {
      ...common,
      'Content-Type': this.type,
      'Content-Length': body.length,
      ...(encoding && { 'Content-Encoding': encoding }),
    });
    response.end(method === 'HEAD' ? undefined : body);
  }

  #isKnown(tags: string | undefined): boolean {
    if (tags === undefined) return false;
    const strong = this.#tag.slice(2);
    return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === strong);
  }

  #in(encoding: Encoding): Promise<Buffer> {
    let encoded = this.#encoded.get(encoding);
    if (!encoded) this.#encoded.set(encoding, (encoded = ENCODERS[encoding](this.body)));
    return encoded;
  }
}

/** The best of ours that the client takes. */
function encodingFor(accepted: string): Encoding | undefined {
  const names = accepted
    .toLowerCase()
    .split(',')
    .filter((item) => !/;\s*q=0(\.0*)?\s*$/.test(item))
    .map((item) => item.split(';')[0]!.trim());
  return (['br', 'gzip'] as const).find((encoding) => names.includes(encoding));
}
