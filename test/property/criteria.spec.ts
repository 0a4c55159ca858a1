import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Candidate, type Criterion, failedBy, parseCriterion, satisfies } from '../../src/domain/criteria.js';
import { ChatError } from '../../src/domain/errors.js';

const name = fc.constantFrom('a', 'b', 'c', 'constructor');
const scalar = fc.oneof(fc.constantFrom('x', 'y', 'z'), fc.integer({ min: 0, max: 4 }), fc.boolean());
const provenance = fc.constantFrom('human' as const, 'agent' as const, 'human_via_agent' as const);

const candidate: fc.Arbitrary<Candidate> = fc.record({
  provenance,
  attributes: fc.dictionary(name, fc.oneof(scalar, fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }))),
});

const leaf: fc.Arbitrary<Criterion> = fc.oneof(
  fc.record({ attribute: name, equals: scalar }),
  fc.record({ attribute: name, in: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
  fc.record({ attribute: name, min: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ attribute: name, max: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ provenance: fc.oneof(provenance, fc.uniqueArray(provenance, { minLength: 1 })) }),
);

const { criterion } = fc.letrec<{ criterion: Criterion }>((tie) => {
  const branch = fc.array(tie('criterion'), { minLength: 1, maxLength: 3 });
  return {
    criterion: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.record({ all: branch }),
      fc.record({ any: branch }),
      fc.record({ none: branch }),
    ),
  };
});

/** The meaning of a criterion, spelled out without any regard for speed. */
function means(wanted: Criterion, { attributes, provenance: who }: Candidate): boolean {
  const holds = (child: Criterion) => means(child, { attributes, provenance: who });
  if ('all' in wanted) return wanted.all.every(holds);
  if ('any' in wanted) return wanted.any.some(holds);
  if ('none' in wanted) return !wanted.none.some(holds);
  if ('provenance' in wanted) return [wanted.provenance].flat().includes(who);
  if (!Object.hasOwn(attributes, wanted.attribute)) return false;
  return [attributes[wanted.attribute]!].flat().some((value) => {
    if ('equals' in wanted) return value === wanted.equals;
    if ('in' in wanted) return wanted.in.includes(value);
    return typeof value === 'number' && value >= (wanted.min ?? value) && value <= (wanted.max ?? value);
  });
}

describe('criteria', () => {
  it('mean what they say, however they are nested', () => {
    fc.assert(
      fc.property(criterion, candidate, (wanted, who) => expect(satisfies(wanted, who)).toBe(means(wanted, who))),
    );
  });

  it('name something a candidate fails by exactly when it fails', () => {
    fc.assert(
      fc.property(criterion, candidate, (wanted, who) => {
        expect(failedBy(wanted, who).length === 0).toBe(satisfies(wanted, who));
      }),
    );
  });

  it('mean the same after they were sent and read', () => {
    fc.assert(
      fc.property(criterion, candidate, (wanted, who) => {
        fc.pre(JSON.stringify(wanted).match(/"(all|any|none|attribute|provenance)"/g)!.length <= 32);
        expect(satisfies(parseCriterion(JSON.parse(JSON.stringify(wanted))), who)).toBe(satisfies(wanted, who));
      }),
    );
  });

  it('are refused with an error that says why, or taken, whatever is sent', () => {
    const key = fc.constantFrom('all', 'any', 'none', 'attribute', 'equals', 'in', 'min', 'max', 'provenance', 'x');
    const { sent } = fc.letrec<{ sent: unknown }>((tie) => ({
      sent: fc.oneof(
        { maxDepth: 6 },
        fc.anything(),
        fc.dictionary(key, tie('sent'), { maxKeys: 3 }),
        fc.array(tie('sent')),
      ),
    }));
    fc.assert(
      fc.property(sent, (value) => {
        try {
          expect(typeof satisfies(parseCriterion(value), { provenance: 'human', attributes: {} })).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(ChatError);
          expect((error as ChatError).message).toMatch(/^criteria/);
        }
      }),
    );
  });
});
