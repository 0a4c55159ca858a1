import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { CloudEvent } from '../../src/ports/event-publisher.js';

const FOLDER = new URL('../../docs/schemas/1/', import.meta.url);

/** Kinds that have a published schema. */
export const SCHEMA_KINDS = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));

type Schema = Readonly<Record<string, unknown>>;

export const schemaFile = (kind: string) => JSON.parse(readFileSync(new URL(`${kind}.json`, FOLDER), 'utf8')) as Schema;

/** The schema as strict as can be: what it does not name is wrong, so that no event says more than is published. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const isObject = 'properties' in schema && (schema as Schema)['type'] === 'object';
  return { ...Object.fromEntries(parts), ...(isObject && { additionalProperties: false }) };
}

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
});
for (const kind of SCHEMA_KINDS) ajv.addSchema(closed(schemaFile(kind)) as object);

/** What is wrong with an event according to the schema that it names; empty when nothing is. */
export function eventFaults(event: Pick<CloudEvent, 'type' | 'data' | 'dataschema'>): string[] {
  const validate = ajv.getSchema(event.dataschema);
  if (!validate) return [`${event.type} has no schema ${event.dataschema}`];
  if (validate(event.data)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${event.type}${instancePath} ${message}`);
}
