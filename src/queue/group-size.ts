import type { PoolSettings } from '../config/index.js';
import { invalidArguments } from '../domain/errors.js';
import { exactly, type GroupSize } from '../domain/ticket.js';

/**
 * The group that a ticket asks for: of exactly the size it names, else the pool's own.
 * @param people how many come with the ticket; at least one more must fit
 * @throws ChatError `invalid_arguments`
 */
export function groupFor(pool: PoolSettings, size: number | undefined, people: number): GroupSize {
  const { name, minGroupSize, maxGroupSize, groupSizeMultiple: multiple, groupPatienceMs: patienceMs } = pool;
  if (size !== undefined && (size < minGroupSize || size > maxGroupSize || size % multiple !== 0)) {
    const which = multiple === 1 ? '' : ` that is a multiple of ${multiple}`;
    throw invalidArguments(
      `group_size ${size} is not possible in pool "${name}"`,
      `Use a group_size from ${minGroupSize} to ${maxGroupSize}${which}.`,
    );
  }
  const smallest = Math.ceil(Math.max(minGroupSize, people + 1) / multiple) * multiple;
  const largest = size ?? Math.floor(maxGroupSize / multiple) * multiple;
  if (smallest > largest) {
    throw invalidArguments(
      `A party of ${people} leaves no seat for anybody else in a group of ${largest}`,
      'Use a larger group_size or a smaller party.',
    );
  }
  if (size !== undefined) return exactly(size);
  if (patienceMs === null || smallest === largest) return exactly(smallest);
  return { minimum: smallest, maximum: largest, multiple, patienceMs };
}
