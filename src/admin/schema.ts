import type { JsonSchema } from '../mcp-transport/index.js';

/** Schemas of whole objects by name, as a document lists them. */
export type Components = Map<string, JsonSchema>;

/** What an answer looks like, to TypeScript and in JSON Schema 2020-12, so that the two cannot disagree. */
export interface Schema<T = unknown> {
  /** Its JSON Schema; what it names is put into the components and referred to. */
  json(components: Components): JsonSchema;
  /** There for the type only. */
  readonly type?: T;
}
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

const plain = <T>(json: JsonSchema): Schema<T> => ({ json: () => json });
const described = (description: string | undefined) => (description === undefined ? {} : { description });

export const text = (description?: string) => plain<string>({ type: 'string', ...described(description) });
export const whole = (description?: string) => plain<number>({ type: 'integer', ...described(description) });
export const number = (description?: string) => plain<number>({ type: 'number', ...described(description) });
export const flag = (description?: string) => plain<boolean>({ type: 'boolean', ...described(description) });
/** RFC 3339, in UTC. */
export const time = (description?: string) =>
  plain<string>({ type: 'string', format: 'date-time', ...described(description) });
export const oneOf = <const T extends string>(values: readonly T[], description?: string) =>
  plain<T>({ enum: values, ...described(description) });
/** Whatever JSON can say. */
export const anything = (description?: string) => plain<unknown>(described(description));
/** What somebody else decides, in an object. */
export const facts = (description?: string) =>
  plain<Readonly<Record<string, unknown>>>({ type: 'object', ...described(description) });

export const list = <T>(items: Schema<T>): Schema<readonly T[]> => ({
  json: (components) => ({ type: 'array', items: items.json(components) }),
});

export const byName = <T>(values: Schema<T>): Schema<Readonly<Record<string, T>>> => ({
  json: (components) => ({ type: 'object', additionalProperties: values.json(components) }),
});

export const nullable = <T>(schema: Schema<T>): Schema<T | null> => ({
  json: (components) => ({ anyOf: [schema.json(components), { type: 'null' }] }),
});

/** An object with just these properties, all of them there. */
export const object = <S extends Readonly<Record<string, Schema>>>(
  shape: S,
): Schema<{ readonly [K in keyof S]: TypeOf<S[K]> }> & { readonly shape: S } => ({
  shape,
  json: (components) => ({
    type: 'object',
    properties: Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, schema.json(components)])),
    required: Object.keys(shape),
    additionalProperties: false,
  }),
});

/** A schema that stands in the document once, by its name. */
export const named = <T>(name: string, schema: Schema<T>): Schema<T> => ({
  json: (components) => {
    if (!components.has(name)) components.set(name, schema.json(components));
    return { $ref: `#/components/schemas/${name}` };
  },
});

/** A part of a longer list. */
export const page = <K extends string, T>(key: K, items: Schema<T>) =>
  object({
    [key]: list(items),
    next: nullable(text('Pass as `after` for the part that follows; null: there is none.')),
  } as { readonly [P in K]: Schema<readonly T[]> } & { readonly next: Schema<string | null> });
