import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { type Criterion, parseCriterion } from '../domain/criteria.js';
import type { Attributes, Provenance } from '../domain/participant.js';
import { exactly, type GroupSize } from '../domain/ticket.js';

/** What the first line of a trace says. Another version is refused. */
export const TRACE_HEADER = { format: 'parley-trace', version: 1 } as const;

/** One of those who arrive together. */
export interface Arriving {
  readonly provenance: Provenance;
  readonly attributes: Attributes;
}

/** Somebody, or a party, who arrived at a pool. Times are milliseconds. */
export interface Arrival extends Arriving {
  /** Since the trace began; never less than that of the arrival before. */
  readonly at: number;
  readonly pool: string;
  /** Those who came along; mostly nobody. */
  readonly party: readonly Arriving[];
  readonly criteria: Criterion | null;
  readonly group: GroupSize;
  readonly priority: number;
  /** For how long it waits before it gives up; undefined where that was not recorded. */
  readonly patienceMs?: number;
  /** For how long it stays in a room. */
  readonly talkMs?: number;
  /** Arrivals of one number are of the same person, who comes again; without one it is somebody new. */
  readonly person?: number;
}

/** A trace, or a line of one, that is not what it must be. The message names the line and the rule. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

interface ArrivalLine {
  readonly at_ms: number;
  readonly pool: string;
  readonly provenance?: Provenance;
  readonly attributes?: Attributes;
  readonly party?: readonly { readonly provenance?: Provenance; readonly attributes?: Attributes }[];
  readonly criteria?: unknown;
  readonly group?: {
    readonly minimum: number;
    readonly maximum: number;
    readonly multiple?: number;
    readonly patience_ms?: number;
  };
  readonly priority?: number;
  readonly patience_ms?: number;
  readonly talk_ms?: number;
  readonly person?: number;
}

const PROVENANCE = { enum: ['human', 'agent', 'human_via_agent'] };
const ATTRIBUTES = {
  type: 'object',
  maxProperties: 100,
  additionalProperties: { type: ['string', 'number', 'boolean', 'array'], items: { type: 'string' } },
};
const time = (minimum: number) => ({ type: 'integer', minimum, maximum: Number.MAX_SAFE_INTEGER });

const validate = new Ajv2020({ strict: false }).compile<ArrivalLine>({
  type: 'object',
  required: ['at_ms', 'pool'],
  additionalProperties: false,
  properties: {
    at_ms: time(0),
    pool: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,63}$' },
    provenance: PROVENANCE,
    attributes: ATTRIBUTES,
    party: {
      type: 'array',
      maxItems: 14,
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { provenance: PROVENANCE, attributes: ATTRIBUTES },
      },
    },
    criteria: {},
    group: {
      type: 'object',
      required: ['minimum', 'maximum'],
      additionalProperties: false,
      properties: {
        minimum: { type: 'integer', minimum: 2, maximum: 16 },
        maximum: { type: 'integer', minimum: 2, maximum: 16 },
        multiple: { type: 'integer', minimum: 1, maximum: 16 },
        patience_ms: time(0),
      },
    },
    priority: { type: 'number' },
    patience_ms: time(1),
    talk_ms: time(1),
    person: time(0),
  },
});

/** Reads the line after the header, or any later one. @throws TraceError */
export function parseArrival(text: string): Arrival {
  const line = parseJson(text);
  if (!validate(line)) throw new TraceError(describe(validate.errors![0]!));
  const { group } = line;
  if (group && group.minimum > group.maximum) throw new TraceError('group.minimum must not be above group.maximum');
  return {
    at: line.at_ms,
    pool: line.pool,
    ...arriving(line),
    party: (line.party ?? []).map(arriving),
    criteria: line.criteria === undefined || line.criteria === null ? null : readCriteria(line.criteria),
    group: group
      ? {
          minimum: group.minimum,
          maximum: group.maximum,
          multiple: group.multiple ?? 1,
          patienceMs: group.patience_ms ?? 0,
        }
      : exactly(2),
    priority: line.priority ?? 0,
    ...(line.patience_ms !== undefined && { patienceMs: line.patience_ms }),
    ...(line.talk_ms !== undefined && { talkMs: line.talk_ms }),
    ...(line.person !== undefined && { person: line.person }),
  };
}

/** One line, without its end; what is as it mostly is is left out. */
export function formatArrival(arrival: Arrival): string {
  const { at, pool, party, criteria, group, priority, patienceMs, talkMs, person } = arrival;
  const pair = group.minimum === 2 && group.maximum === 2 && group.multiple === 1 && group.patienceMs === 0;
  const line: ArrivalLine = {
    at_ms: at,
    pool,
    ...formatArriving(arrival),
    ...(party.length > 0 && { party: party.map(formatArriving) }),
    ...(criteria !== null && { criteria }),
    ...(!pair && {
      group: {
        minimum: group.minimum,
        maximum: group.maximum,
        ...(group.multiple !== 1 && { multiple: group.multiple }),
        ...(group.patienceMs !== 0 && { patience_ms: group.patienceMs }),
      },
    }),
    ...(priority !== 0 && { priority }),
    ...(patienceMs !== undefined && { patience_ms: patienceMs }),
    ...(talkMs !== undefined && { talk_ms: talkMs }),
    ...(person !== undefined && { person }),
  };
  return JSON.stringify(line);
}

/** Whether a line is a header. @throws TraceError when it is one of another version */
export function isHeader(text: string): boolean {
  if (!text.includes(`"${TRACE_HEADER.format}"`)) return false;
  const { format, version } = (parseJson(text) ?? {}) as Partial<Record<'format' | 'version', unknown>>;
  if (format !== TRACE_HEADER.format) return false;
  if (version !== TRACE_HEADER.version) throw new TraceError(`version must be ${TRACE_HEADER.version}`);
  return true;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TraceError('must be JSON');
  }
}

const arriving = ({ provenance = 'human', attributes = {} }: Partial<Arriving>): Arriving => ({
  provenance,
  attributes,
});

const formatArriving = ({ provenance, attributes }: Arriving) => ({
  ...(provenance !== 'human' && { provenance }),
  ...(Object.keys(attributes).length > 0 && { attributes }),
});

function readCriteria(value: unknown): Criterion {
  try {
    return parseCriterion(value);
  } catch (error) {
    throw new TraceError((error as Error).message);
  }
}

function describe({ instancePath, keyword, params, message }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.');
  const at = (name: unknown) => [path, name].filter((part) => part !== '').join('.');
  if (keyword === 'required') return `${at(params['missingProperty'])} is required`;
  if (keyword === 'additionalProperties') return `${at(params['additionalProperty'])} is not known`;
  if (keyword === 'enum') return `${path} must be one of ${(params['allowedValues'] as string[]).join(', ')}`;
  return `${path || 'an arrival'} ${message}`;
}
