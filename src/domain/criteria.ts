import type { Provenance, Attributes } from './participant.js';

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

/** Reads what a caller sent. @throws ChatError `invalid_arguments` naming the path and the rule, e.g. `criteria.all[1].min must be a number` */
export function parseCriterion(_value: unknown): Criterion {
  throw new Error('not yet');
}

/** Whether a candidate satisfies a criterion. Compiled once per criterion object. */
export function satisfies(_criterion: Criterion | null, _candidate: Candidate): boolean {
  throw new Error('not yet');
}

/** The names of attributes (or `provenance`) by which a candidate fails a criterion, for explanations; empty when it passes. */
export function failedBy(_criterion: Criterion | null, _candidate: Candidate): readonly string[] {
  throw new Error('not yet');
}
