import 'reflect-metadata';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { isLoopback } from './loopback.js';

const LIST = () => Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? splitList(value) : value));
const splitList = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** A whole number from `min` to `max`. */
function InRange(min: number, max: number): PropertyDecorator {
  return (target, property) => {
    const message = `must be a whole number from ${min} to ${max}`;
    IsInt({ message })(target, property);
    Min(min, { message })(target, property);
    Max(max, { message })(target, property);
  };
}

/** A whole number from `min` to `max`, written as text. */
function Whole(min: number, max: number): PropertyDecorator {
  return (target, property) => {
    Type(() => Number)(target, property);
    InRange(min, max)(target, property);
  };
}

/** May be left out, but is not null when it is there. */
const Optional = () => ValidateIf((_, value) => value !== undefined);

/** `true` or `false`, written as text; any other text is refused rather than guessed at. */
function Switch(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))(
      target,
      property,
    );
    IsBoolean({ message: 'must be true or false' })(target, property);
  };
}

/** An address that secrets or keys travel to or from: `https:`, or `http:` on loopback; or empty. */
function SecureUrl(): PropertyDecorator {
  const message = 'must be an https URL without user, query and fragment; http will do on loopback only';
  return ValidateBy({ name: 'secureUrl', validator: { validate: isSecureUrl, defaultMessage: () => message } });
}

function isSecureUrl(value: unknown): boolean {
  if (value === '') return true;
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(value);
  const secure = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  return secure && `${username}${password}${search}${hash}` === '';
}

/** Where a program on a network of one's own is reached: scheme, host and port and nothing else; or empty. */
function Origin(): PropertyDecorator {
  const message = 'must be an http or https address without a path, e.g. http://10.0.0.7:3000';
  return ValidateBy({ name: 'origin', validator: { validate: isOrigin, defaultMessage: () => message } });
}

function isOrigin(value: unknown): boolean {
  if (value === '') return true;
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, origin, href } = new URL(value);
  return (protocol === 'http:' || protocol === 'https:') && href === `${origin}/`;
}

/** Signatures by a key pair: with a shared secret, whoever can verify could sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** TCP ports, a comma-separated list. */
function Ports(): PropertyDecorator {
  return (target, property) => {
    const message = 'must list 1 to 16 ports from 1 to 65535';
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? splitList(value).map(Number) : value))(
      target,
      property,
    );
    ArrayMinSize(1, { message })(target, property);
    ArrayMaxSize(16, { message })(target, property);
    IsInt({ each: true, message })(target, property);
    Min(1, { each: true, message })(target, property);
    Max(65_535, { each: true, message })(target, property);
  };
}

/** In addresses, names of schemas and keys; no `_`, into which `-` is turned where it cannot be. */
export const TENANT_NAME = /^(?=.{1,32}$)[a-z0-9]+(-+[a-z0-9]+)*$/;

const MILLION = 1_000_000;
const DAY_SECONDS = 86_400;

/** Every variable the service reads, with its default. `.env.example` explains each; 0 lifts a limit. */
export class Environment {
  @IsString() HOST = '127.0.0.1';
  @Whole(0, 65_535) PORT = 3000;
  @IsIn(['error', 'warn', 'info', 'debug'], { message: 'must be error, warn, info or debug' }) LOG_LEVEL = 'info';
  @LIST() @IsArray() @IsString({ each: true }) ALLOWED_HOSTS: string[] = [];
  @LIST() @IsArray() @IsString({ each: true }) ALLOWED_ORIGINS: string[] = [];
  @SecureUrl()
  @Matches(/^(https?:\/\/[^/]+\/?)?$/, { message: 'must be an origin without a path, e.g. https://parley.example.org' })
  PUBLIC_URL = '';

  @IsIn(['none', 'jwt', 'introspection', 'api-key'], { message: 'must be none, jwt, introspection or api-key' })
  AUTH_MODE = 'none';
  @Switch() AUTH_NONE_ON_PUBLIC_ADDRESS = false;
  @SecureUrl() AUTH_ISSUER = '';
  @LIST() @IsArray() @IsString({ each: true }) AUTH_AUDIENCE: string[] = [];
  @SecureUrl() AUTH_JWKS_URL = '';
  @LIST()
  @IsIn(ALGORITHMS, { each: true, message: `must list some of ${ALGORITHMS.join(', ')}` })
  @ArrayMinSize(1, { message: 'must list at least one algorithm' })
  AUTH_ALGORITHMS: string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];
  @Whole(0, 300) AUTH_CLOCK_SKEW_SECONDS = 30;
  @Whole(1, DAY_SECONDS) AUTH_JWKS_CACHE_SECONDS = 600;
  @Whole(0, 3_600) AUTH_JWKS_COOLDOWN_SECONDS = 10;
  @SecureUrl() AUTH_INTROSPECTION_URL = '';
  @IsString() AUTH_CLIENT_ID = '';
  @IsString() AUTH_CLIENT_SECRET = '';
  @Whole(100, 60_000) AUTH_TIMEOUT_MS = 3_000;
  @Whole(1, 3_600) AUTH_CACHE_SECONDS = 60;
  @Whole(1, MILLION) AUTH_CACHE_TOKENS = 10_000;
  @IsString() AUTH_CLAIMS = '';
  @IsString() AUTH_DISPLAY_NAME_CLAIM = '';
  @IsString() API_KEYS_FILE = '';
  @Matches(/^.{1,200}$/, { message: 'must be the name of a claim, e.g. tenant' }) AUTH_TENANT_CLAIM = 'tenant';
  @Whole(0, MILLION) PARTICIPANTS_PER_PRINCIPAL = 100;

  @IsString() TENANTS_FILE = '';
  @IsIn(['path', 'claim'], { message: 'must be path or claim' }) TENANT_FROM = 'path';
  @Whole(1, 1_000) TENANTS_MAX = 50;

  @Matches(/^[a-z0-9_-]{0,32}$/, { message: 'must be at most 32 of a-z, 0-9, _ and -' }) TOOL_PREFIX = '';
  @Matches(/^(rediss?(\+(sentinel|cluster))?:\/\/\S+)?$/, {
    message: 'must be empty or an address such as redis://host:6379',
  })
  STATE_URL = '';
  @Matches(/^[a-z0-9_-]{1,64}$/, { message: 'must be 1 to 64 of a-z, 0-9, _ and -' }) STATE_NAMESPACE = 'parley';
  @Origin() INSTANCE_URL = '';
  @Whole(0, MILLION) FORWARDS_MAX = 10_000;
  @Matches(/^(memory:|postgres(ql)?:\/\/\S+)?$/, {
    message: 'must be empty, memory: or an address such as postgres://user:password@host:5432/database',
  })
  HISTORY_URL = '';
  @Switch() HISTORY_MIGRATE = true;
  @Whole(0, 36_500) HISTORY_RETENTION_DAYS = 365;
  @Matches(/^((nats|tls):\/\/\S+)?$/, { message: 'must be empty or an address such as nats://host:4222' })
  EVENTS_URL = '';
  @IsString() EVENTS_CREDENTIALS_FILE = '';
  @Matches(/^[A-Za-z0-9_-]{1,32}(\.[A-Za-z0-9_-]{1,32}){0,3}$/, {
    message: 'must be 1 to 4 words of A-Z, a-z, 0-9, _ and - with dots between, e.g. parley',
  })
  EVENTS_SUBJECT_PREFIX = 'parley';
  @Matches(/^[A-Za-z0-9_-]{0,128}$/, { message: 'must be at most 128 of A-Z, a-z, 0-9, _ and -' }) EVENTS_STREAM = '';
  @Whole(0, 87_600) EVENTS_STREAM_HOURS = 168;
  @Whole(0, 100 * MILLION) EVENTS_STREAM_MEGABYTES = 1_000;
  @Whole(1, 5) EVENTS_STREAM_REPLICAS = 1;
  @Switch() EVENTS_MESSAGE_TEXT = false;
  @Whole(1_000, 100 * MILLION) OUTBOX_RECORDS_MAX = 200_000;
  @Switch() WEB_PAGE = true;
  @Switch() MCP_APP = true;
  @IsString() POOLS = '';
  @IsString() MATCHING_STRATEGY = '';
  @IsString() MATCHING_OPTIONS = '';
  @Whole(1, 10_000) STRATEGY_BUDGET_MS = 50;
  @Whole(0, MILLION) MATCHING_DECISIONS = 1_000;
  @IsString() TRACE_FILE = '';
  @LIST() @IsArray() @IsString({ each: true }) TRACE_ATTRIBUTES: string[] = [];

  @Whole(1_024, 64 * MILLION) BODY_MAX_BYTES = 262_144;
  @Whole(0, MILLION) MESSAGE_MAX_CHARACTERS = 4_000;
  @Whole(0, 1_000) DISPLAY_NAME_MAX_CHARACTERS = 64;
  @Whole(0, MILLION) ATTRIBUTES_MAX_BYTES = 4_096;
  @Whole(0, MILLION) MESSAGE_RATE_COUNT = 20;
  @Whole(1, DAY_SECONDS) MESSAGE_RATE_SECONDS = 10;
  @Whole(0, MILLION) JOIN_RATE_COUNT = 30;
  @Whole(1, DAY_SECONDS) JOIN_RATE_SECONDS = 60;
  @Whole(0, MILLION) TICKETS_PER_PARTICIPANT = 3;
  @Whole(0, MILLION) ROOMS_PER_PARTICIPANT = 20;
  @Whole(0, MILLION) STREAMS_PER_PARTICIPANT = 8;
  @Whole(0, MILLION) WAITS_PER_PARTICIPANT = 4;
  @Whole(0, 100 * MILLION) PARTICIPANTS_MAX = 100_000;
  @Whole(0, 100 * MILLION) SESSIONS_MAX = 100_000;
  @Whole(0, 100 * MILLION) STREAMS_MAX = 0;
  @Whole(10, 30 * DAY_SECONDS) SESSION_IDLE_SECONDS = 3_600;
  @Whole(1, MILLION) EVENT_LOG_ENTRIES = 1_000;
  @Whole(1, 720) EVENT_LOG_HOURS = 24;
  @Whole(1, MILLION) ROOM_HISTORY_MESSAGES = 10_000;
  @Whole(0, MILLION) ENDED_ROOMS_MAX = 1_000;
  @Whole(0, 30 * DAY_SECONDS) ENDED_ROOM_SECONDS = 3_600;

  @IsString() MODERATION_RULES_FILE = '';
  @SecureUrl() MODERATION_URL = '';
  @Matches(/^(whsec_[A-Za-z0-9+/]{32,88}={0,2})?$/, { message: 'must be whsec_ and 24 to 64 random bytes in base64' })
  MODERATION_SECRET = '';
  @Whole(10, 10_000) MODERATION_TIMEOUT_MS = 500;
  @IsIn(['', 'open', 'closed'], { message: 'must be open or closed' }) MODERATION_ON_FAILURE = '';
  @Whole(1, MILLION) CASES_MAX = 1_000;
  @Whole(1, 10 * MILLION) AUDIT_ENTRIES_MAX = 100_000;
  @Switch() SUPERVISION_NAMED_ROOMS = false;

  @Whole(0, DAY_SECONDS) PRESENCE_TTL_SECONDS = 90;
  @Whole(0, DAY_SECONDS) PRESENCE_GRACE_SECONDS = 30;
  @Whole(0, 30 * DAY_SECONDS) TICKET_TTL_SECONDS = 0;

  @Whole(0, 3_600) WAIT_DEFAULT_SECONDS = 25;
  @Whole(0, 3_600) WAIT_MAX_SECONDS = 50;
  @Whole(1, 60) WAIT_PROGRESS_SECONDS = 5;
  @Whole(1, 300) STREAM_KEEPALIVE_SECONDS = 15;
  @Whole(16_384, 64 * MILLION) STREAM_BUFFER_BYTES = 1_048_576;
  @Whole(1, 600) STREAM_STALL_SECONDS = 30;

  @Matches(/^(.{32,512})?$/, { message: 'must have 32 to 512 characters' }) EVENTS_KEY = '';
  @Whole(1, 30) EVENTS_HEARTBEAT_SECONDS = 20;
  @Whole(1, 3_600) EVENTS_POLL_SECONDS = 5;
  @IsIn(['sketch', 'sep'], { message: 'must be sketch or sep' }) EVENTS_ERROR_CODES = 'sketch';

  @Switch() WEBHOOKS_WITHOUT_AUTH = false;
  @Whole(0, MILLION) WEBHOOKS_PER_PARTICIPANT = 50;
  @Whole(0, 100 * MILLION) WEBHOOKS_MAX = 100_000;
  @Whole(1, 7 * DAY_SECONDS) WEBHOOKS_TTL_SECONDS = 3_600;
  @Whole(1, DAY_SECONDS) WEBHOOKS_TTL_MIN_SECONDS = 60;
  @Whole(1, 7 * DAY_SECONDS) WEBHOOKS_TTL_MAX_SECONDS = DAY_SECONDS;
  @Whole(1, 60) WEBHOOKS_TIMEOUT_SECONDS = 10;
  @Whole(1, 100_000) WEBHOOKS_BACKLOG = 256;

  @Switch() WEBHOOKS_ALLOW_LOOPBACK = false;
  @Ports() WEBHOOKS_PORTS: number[] = [443, 8443];
  @Whole(100, 60_000) WEBHOOKS_CONNECT_TIMEOUT_MS = 3_000;
  @Whole(100, 60_000) WEBHOOKS_BODY_TIMEOUT_MS = 2_000;
  @Whole(0, MILLION) WEBHOOKS_RESPONSE_MAX_BYTES = 65_536;
  @Whole(0, MILLION) WEBHOOKS_HOST_RATE_COUNT = 3_000;
  @Whole(1, DAY_SECONDS) WEBHOOKS_HOST_RATE_SECONDS = 10;
  @Whole(1, 10_000) WEBHOOKS_HOST_CONNECTIONS = 32;
  @Whole(1, 100_000) WEBHOOKS_CONNECTIONS = 1_000;

  @Whole(0, 600) DRAIN_SECONDS = 3;
  @Switch() METRICS = true;
  @Matches(/^([A-Za-z0-9._~+/-]{16,512})?$/, { message: 'must have 16 to 512 of A-Z, a-z, 0-9, ., _, ~, +, / and -' })
  METRICS_TOKEN = '';
  @Whole(1, 600) SHUTDOWN_SECONDS = 9;

  @Switch() ADMIN = true;
  @Matches(/^([A-Za-z0-9._~+/-]{32,512})?$/, { message: 'must have 32 to 512 of A-Z, a-z, 0-9, ., _, ~, +, / and -' })
  ADMIN_TOKEN = '';
  @Switch() CONSOLE = true;
}

/** One tenant of the file that `TENANTS_FILE` names. */
export class TenantEnvironment {
  @Matches(TENANT_NAME, { message: 'must be 1 to 32 of a-z, 0-9 and -, starting and ending with a letter or digit' })
  name!: string;

  /** Requests that one instance takes for the tenant in a second, and at once. */
  @Optional() @InRange(1, MILLION) requests_per_second?: number;
  /** Instead of what the process environment says: texts as there, or numbers, true, false, and JSON as JSON. */
  @IsObject({ message: 'must be an object of variables, e.g. {"PARTICIPANTS_MAX": 1000}' })
  variables: Record<string, unknown> = {};
}

/** A strategy and its options, as a pool names them. */
export class StrategyEnvironment {
  @IsString({ message: 'must be the name of a strategy, a package or a file' }) strategy!: string;
  @Optional() @IsObject({ message: 'must be an object' }) options?: Record<string, unknown>;
}

/** One pool of the `POOLS` list. */
export class PoolEnvironment {
  @Matches(/^[a-z0-9][a-z0-9_-]{0,63}$/, {
    message: 'must be 1 to 64 of a-z, 0-9, _ and -, starting with a letter or digit',
  })
  name!: string;

  @Optional() @IsString({ message: 'must be text' }) description?: string;
  @InRange(2, 16) min_group_size = 2;
  @InRange(2, 16) max_group_size = 16;
  @InRange(1, 16) group_size_multiple = 1;
  /** Given, a ticket that names no group size waits this long for the largest group before a smaller one will do. */
  @Optional() @InRange(0, DAY_SECONDS) group_patience_seconds?: number;
  @Optional() @InRange(0, 30 * DAY_SECONDS) ticket_ttl_seconds?: number;
  @InRange(0, 1_000) rooms_per_participant = 1;
  /** Largest party let in together; 1: everybody comes alone. */
  @InRange(1, 15) max_party_size = 1;
  @Optional() @IsString({ message: 'must be the name of a strategy, a package or a file' }) strategy?: string;
  @Optional() @IsObject({ message: 'must be an object' }) options?: Record<string, unknown>;
  /** What matches while the strategy is suspended. */
  @IsIn(['fifo', 'none'], { message: 'must be fifo or none' }) fallback = 'none';
  @Optional()
  @IsObject({ message: 'must be an object' })
  @ValidateNested({ message: 'must be an object' })
  @Type(() => StrategyEnvironment)
  shadow?: StrategyEnvironment;
  /** For how long two who have met are kept apart. */
  @InRange(0, 30 * DAY_SECONDS) cooldown_seconds = 0;
  /** How long everybody has to accept a match; 0: nobody is asked. */
  @InRange(0, 3_600) accept_seconds = 0;
  @IsIn(['requeue', 'remove'], { message: 'must be requeue or remove' }) decliner = 'remove';
  @IsBoolean({ message: 'must be true or false' }) backfill = false;
  /** Whether operators may watch the pool's rooms, of which the members are told. */
  @IsBoolean({ message: 'must be true or false' }) supervision = false;
  /** Days for which history keeps what was said in the pool's rooms; 0: for ever. */
  @Optional() @InRange(0, 36_500) history_retention_days?: number;
}
