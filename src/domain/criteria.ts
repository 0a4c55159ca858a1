import { invalidArguments } from './errors.js';
import {
  ATTRIBUTE_ITEMS_MAX,
  ATTRIBUTE_NAME,
  ATTRIBUTE_VALUE_MAX,
  type Attributes,
  type Provenance,
  PROVENANCES,
} from './participant.js';
import { requireStorable } from './text.js';

/** A value of an attribute that a criterion compares with. */
export type Scalar = string | number | boolean;

/**
 * What the others in a room must be. Leaves look at one attribute (a list attribute satisfies a leaf when one of its
 * items does; a missing one satisfies none) or at the provenance; branches combine.
 */
export type Criterion =
  | { readonly all: readonly Criterion[] }
  | { readonly any: readonly Criterion[] }
  | { readonly none: readonly Criterion[] }
  | { readonly attribute: string; readonly equals: Scalar }
  | { readonly attribute: string; readonly in: readonly Scalar[] }
  | { readonly attribute: string; readonly min?: number; readonly max?: number }
  | { readonly provenance: Provenance | readonly Provenance[] };

/** What a criterion looks at. */
export interface Candidate {
  readonly provenance: Provenance;
  readonly attributes: Attributes;
}

/** Bounds of a criterion: how many levels, how many criteria in all, how many values in a list. */
const DEPTH_MAX = 4;
const CRITERIA_MAX = 32;
const VALUES_MAX = ATTRIBUTE_ITEMS_MAX;

/** A criterion as the input of a tool: what a model needs to know; `parseCriterion` checks the rest. */
export const CRITERION_SCHEMA = {
  type: 'object',
  description:
    'What your partners must be. One attribute: {"attribute":"level","min":3,"max":5}, with equals, in (a list) or ' +
    'min and max. Who they are: {"provenance":["human","agent"]}. Combined by all, any and none: ' +
    '{"all":[{"attribute":"languages","equals":"de"},{"none":[{"attribute":"role","in":["bot","test"]}]}]}. ' +
    'A list attribute fits when one of its items does; an attribute that is not there never does.',
} as const;

/** Reads what a caller sent. @throws ChatError `invalid_arguments` naming the path and the rule, e.g. `criteria.all[1].min must be a number` */
export function parseCriterion(value: unknown): Criterion {
  let count = 0;
  return parse(value, 'criteria', 1);

  function parse(item: unknown, path: string, depth: number): Criterion {
    if (++count > CRITERIA_MAX) throw invalidArguments(`criteria has more than ${CRITERIA_MAX} criteria in all`);
    if (depth > DEPTH_MAX) throw invalidArguments(`${path} is nested more than ${DEPTH_MAX} deep`);
    const fields = fieldsOf(item, path);
    const form = formOf(fields, path);
    switch (form) {
      case 'all':
      case 'any':
      case 'none': {
        const items = listOf(fields[form], `${path}.${form}`, CRITERIA_MAX);
        const parsed = items.map((child, i) => parse(child, `${path}.${form}[${i}]`, depth + 1));
        return { [form]: parsed } as unknown as Criterion;
      }
      case 'provenance':
        return { provenance: parseProvenance(fields['provenance'], `${path}.provenance`) };
      default:
        return parseAttribute(fields, path);
    }
  }
}

/** Whether a candidate satisfies a criterion. Compiled once per criterion object. */
export function satisfies(criterion: Criterion | null, candidate: Candidate): boolean {
  return criterion === null || compiled(criterion)(candidate);
}

/** What holds when all of these do. */
export function allOf(criteria: readonly (Criterion | null)[]): Criterion | null {
  const parts = criteria.filter((criterion) => criterion !== null).flatMap((one) => ('all' in one ? one.all : [one]));
  const distinct = [...new Set(parts)];
  return distinct.length > 1 ? { all: distinct } : (distinct[0] ?? null);
}

/** The names of attributes (or `provenance`) by which a candidate fails a criterion, for explanations; empty when it passes. */
export function failedBy(criterion: Criterion | null, candidate: Candidate): readonly string[] {
  if (criterion === null) return [];
  const names = new Set<string>();
  blame(criterion, candidate, true, names);
  return [...names];
}

type Fields = Readonly<Record<string, unknown>>;

const FORMS = ['all', 'any', 'none', 'attribute', 'provenance'] as const;
const KEYS = new Set<string>([...FORMS, 'equals', 'in', 'min', 'max']);

function fieldsOf(item: unknown, path: string): Fields {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw invalidArguments(`${path} must be an object`);
  }
  const unknown = Object.keys(item).find((key) => !KEYS.has(key));
  if (unknown !== undefined) {
    throw invalidArguments(
      `${path} has an unknown key: ${JSON.stringify(unknown.slice(0, 64))}`,
      `Known keys: ${[...KEYS].join(', ')}.`,
    );
  }
  return item as Fields;
}

function formOf(fields: Fields, path: string): (typeof FORMS)[number] {
  const [form, another] = FORMS.filter((name) => name in fields);
  if (form === undefined || another !== undefined) {
    throw invalidArguments(`${path} must have exactly one of ${FORMS.join(', ')}`);
  }
  const stray = form === 'attribute' ? undefined : Object.keys(fields).find((key) => key !== form);
  if (stray !== undefined) throw invalidArguments(`${path}.${stray} goes with attribute only`);
  return form;
}

function parseAttribute(fields: Fields, path: string): Criterion {
  const { attribute, equals, in: values, min, max } = fields;
  if (typeof attribute !== 'string' || !ATTRIBUTE_NAME.test(attribute)) {
    throw invalidArguments(
      `${path}.attribute must be the name of an attribute`,
      'Use letters, digits, "_", "." and "-", starting with a letter, at most 64 characters.',
    );
  }
  const tests = ['equals' in fields, 'in' in fields, 'min' in fields || 'max' in fields];
  if (tests.filter(Boolean).length !== 1) {
    throw invalidArguments(`${path} must have exactly one of equals, in and min or max`);
  }
  if ('equals' in fields) return { attribute, equals: parseScalar(equals, `${path}.equals`) };
  if ('in' in fields) {
    const list = listOf(values, `${path}.in`, VALUES_MAX);
    return { attribute, in: list.map((value, i) => parseScalar(value, `${path}.in[${i}]`)) };
  }
  const range = {
    ...('min' in fields && { min: parseNumber(min, `${path}.min`) }),
    ...('max' in fields && { max: parseNumber(max, `${path}.max`) }),
  };
  if (range.min !== undefined && range.max !== undefined && range.min > range.max) {
    throw invalidArguments(`${path}.min must not be above max`);
  }
  return { attribute, ...range };
}

function parseProvenance(value: unknown, path: string): Provenance | Provenance[] {
  if (!Array.isArray(value)) return parseOne(value, path);
  return listOf(value, path, PROVENANCES.length).map((item, i) => parseOne(item, `${path}[${i}]`));

  function parseOne(item: unknown, at: string): Provenance {
    const found = PROVENANCES.find((provenance) => provenance === item);
    if (found === undefined) throw invalidArguments(`${at} must be one of ${PROVENANCES.join(', ')}`);
    return found;
  }
}

function listOf(value: unknown, path: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidArguments(`${path} must be a list`);
  if (value.length < 1 || value.length > max) throw invalidArguments(`${path} must have 1 to ${max} items`);
  return value;
}

function parseNumber(value: unknown, path: string): number {
  if (!Number.isFinite(value)) throw invalidArguments(`${path} must be a number`);
  return value as number;
}

function parseScalar(value: unknown, path: string): Scalar {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return parseNumber(value, path);
  if (typeof value !== 'string') throw invalidArguments(`${path} must be text, a number, true or false`);
  if (value.length > ATTRIBUTE_VALUE_MAX) {
    throw invalidArguments(`${path} must be at most ${ATTRIBUTE_VALUE_MAX} characters long`);
  }
  requireStorable(path, value);
  return value;
}

type Test = (candidate: Candidate) => boolean;

const tests = new WeakMap<Criterion, Test>();

function compiled(criterion: Criterion): Test {
  let test = tests.get(criterion);
  if (!test) {
    test = compile(criterion);
    tests.set(criterion, test);
  }
  return test;
}

function compile(criterion: Criterion): Test {
  if ('all' in criterion) {
    const all = criterion.all.map(compile);
    return (candidate) => all.every((test) => test(candidate));
  }
  if ('any' in criterion) {
    const any = criterion.any.map(compile);
    return (candidate) => any.some((test) => test(candidate));
  }
  if ('none' in criterion) {
    const none = criterion.none.map(compile);
    return (candidate) => !none.some((test) => test(candidate));
  }
  if ('provenance' in criterion) {
    const wanted: readonly Provenance[] = [criterion.provenance].flat();
    return ({ provenance }) => wanted.includes(provenance);
  }
  const { attribute } = criterion;
  const fits = compileValue(criterion);
  return ({ attributes }) => {
    // What every object inherits is no scalar and no list, so a name such as `constructor` finds nothing.
    const value = attributes[attribute];
    return typeof value === 'object' ? value.some(fits) : value !== undefined && fits(value);
  };
}

function compileValue(leaf: Extract<Criterion, { readonly attribute: string }>): (value: Scalar) => boolean {
  if ('equals' in leaf) return (value) => value === leaf.equals;
  if ('in' in leaf) {
    const values = new Set(leaf.in);
    return (value) => values.has(value);
  }
  const { min = -Infinity, max = Infinity } = leaf;
  return (value) => typeof value === 'number' && value >= min && value <= max;
}

/** Collects who is to blame that a criterion is not what was wanted of it: satisfied, or not. */
function blame(criterion: Criterion, candidate: Candidate, wanted: boolean, names: Set<string>): void {
  if (compiled(criterion)(candidate) === wanted) return;
  if ('all' in criterion) for (const child of criterion.all) blame(child, candidate, wanted, names);
  else if ('any' in criterion) for (const child of criterion.any) blame(child, candidate, wanted, names);
  else if ('none' in criterion) for (const child of criterion.none) blame(child, candidate, !wanted, names);
  else names.add('attribute' in criterion ? criterion.attribute : 'provenance');
}
