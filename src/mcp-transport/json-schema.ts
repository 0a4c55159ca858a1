import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { invalidArguments } from '../domain/errors.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

const ajv = new Ajv2020({ allErrors: true, strict: false, useDefaults: false, coerceTypes: false });

/** The JSON Schema of a class-validator DTO, closed to unknown keys. */
export function schemaOf(dto: Type): JsonSchema {
  const { properties = {}, required } = targetConstructorToSchema(dto);
  return {
    type: 'object',
    properties,
    ...(required && required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** Checks arguments against a schema, compiled once. @throws ChatError naming each argument and its rule */
export function compileArguments<T>(schema: JsonSchema): (value: unknown) => T {
  const validate = ajv.compile(schema);
  const known = Object.keys((schema['properties'] as object | undefined) ?? {}).join(', ');
  return (value) => {
    if (validate(value)) return value as T;
    const errors = validate.errors ?? [];
    const unknown = errors.some(({ keyword }) => keyword === 'additionalProperties');
    throw invalidArguments(
      errors.slice(0, 5).map(describe).join('; '),
      unknown ? `Known arguments: ${known || 'none'}.` : 'Correct the argument and call the tool again.',
    );
  };
}

function describe({ instancePath, keyword, params, message }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.').slice(0, 100);
  const name = path === '' ? 'arguments' : path;
  switch (keyword) {
    case 'additionalProperties':
      return `unknown argument ${JSON.stringify(String(params['additionalProperty']).slice(0, 100))}`;
    case 'required':
      return `${params['missingProperty']} is required`;
    case 'type':
      return `${name} must be ${params['type'] === 'integer' ? 'a whole number' : `of type ${params['type']}`}`;
    case 'enum':
      return `${name} must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    default:
      return `${name} ${message ?? 'is not valid'}`;
  }
}
