import type { AuthSettings } from '../config/index.js';
import { ATTRIBUTE_ITEMS_MAX, ATTRIBUTE_VALUE_MAX, type Attributes } from '../domain/participant.js';
import { visible } from '../domain/text.js';
import type { Identity, Refusal } from '../ports/identity-verifier.js';

export type Claims = Readonly<Record<string, unknown>>;

/** Longest subject that is taken, in characters (OpenID Connect Core, section 2). */
const SUBJECT_MAX = 255;

/** Whom verified claims stand for. */
export function identityOf(claims: Claims, settings: AuthSettings): Identity | Refusal {
  const { sub, exp } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > SUBJECT_MAX)
    return { refused: 'The token names no subject' };
  const name = settings.displayNameClaim === null ? undefined : claimOf(claims, settings.displayNameClaim);
  return {
    // An issuer has no fragment (RFC 8414, section 2), so no two subjects of two issuers look alike.
    principal: `${settings.issuer}#${sub}`,
    scopes: scopesOf(claims),
    expiresAt: typeof exp === 'number' ? exp * 1000 + settings.clockSkewMs : null,
    attributes: Object.fromEntries(
      [...settings.claims].map(([attribute, claim]) => [attribute, attributeOf(claimOf(claims, claim))]),
    ),
    tenant: tenantOf(claims, settings),
    displayName: typeof name === 'string' ? name : undefined,
  };
}

/** As the claim says, and where tenants have audiences of their own, as its audience does: the two must agree. */
function tenantOf(claims: Claims, { tenantClaim, tenantAudiences }: AuthSettings): string | undefined {
  const claim = claimOf(claims, tenantClaim);
  if (tenantAudiences.size === 0) return typeof claim === 'string' ? claim : undefined;
  const audiences: unknown[] = [claims['aud']].flat();
  const meant = [...tenantAudiences].filter(([audience]) => audiences.includes(audience)).map(([, name]) => name);
  const agreed = claim === undefined ? meant : meant.filter((name) => name === claim);
  return agreed.length === 1 ? agreed[0] : undefined;
}

/** `scope` (RFC 8693, section 4.2), or `scp` as some authorities have it: texts separated by spaces, or a list. */
function scopesOf({ scope, scp }: Claims): ReadonlySet<string> {
  const scopes = scope ?? scp;
  if (Array.isArray(scopes)) return new Set(scopes.filter((item) => typeof item === 'string'));
  return new Set(typeof scopes === 'string' ? scopes.split(' ').filter((item) => item !== '') : []);
}

/** The claim of that name or, where there is none, at that path: `realm_access.roles`. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Claims)[key] : undefined,
      claims,
    );
}

/** A claim as an attribute can hold it: what is too long or of another kind is left out, a list after its bound. */
function attributeOf(value: unknown): Attributes[string] | undefined {
  if (Array.isArray(value)) return value.filter(isText).slice(0, ATTRIBUTE_ITEMS_MAX);
  if (typeof value === 'number' || typeof value === 'boolean' || isText(value)) return value;
  return undefined;
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= ATTRIBUTE_VALUE_MAX && value.isWellFormed() && visible(value) === value;
