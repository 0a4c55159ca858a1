/** Why a request is not served, and how HTTP says so (RFC 6750, section 3.1). */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';

  constructor(
    /** 400: malformed; 401: no token, or one that is no good; 403: not with this one; 503: nobody can tell for now. */
    readonly status: 400 | 401 | 403 | 503,
    message: string,
    /** The value of `WWW-Authenticate`, where there is one. */
    readonly challenge?: string,
  ) {
    super(message);
  }
}
