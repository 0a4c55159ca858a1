import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { MODES } from './answers/pools.js';

/** Left out, or of the kind that follows; `null` is neither. */
const Optional = () => ValidateIf((_, value) => value !== undefined);
const Words = (description: string, max: number) =>
  applyDecorators(
    // The last rule that is broken is told.
    MaxLength(max, { message: `must have at most ${max} characters` }),
    MinLength(1, { message: 'must not be empty' }),
    IsString({ message: ({ value }) => (value === undefined ? 'must be given' : 'must be text') }),
    JSONSchema({ description }),
  );
/** In a query numbers come as text. */
const WholeInQuery = (description: string, min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return applyDecorators(
    Type(() => Number),
    IsInt({ message }),
    Min(min, { message }),
    Max(max, { message }),
    JSONSchema({ description, type: 'integer' }),
  );
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const isTime = (value: unknown) => typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));
/** RFC 3339. */
const IsTime = () =>
  ValidateBy({
    name: 'time',
    validator: { validate: isTime, defaultMessage: () => 'must be a time such as 2030-01-31T00:00:00Z, or null' },
  });

const ID_MAX = 256;
const WORDS_MAX = 1_000;

/** A part of a list. */
export class PageInput {
  @Optional() @Words('The `next` of the part before.', 2_048) after?: string;
  @Optional() @WholeInQuery('How many at most; 50 by default.', 1, 500) limit: number = 50;
}

export class RoomsInput extends PageInput {
  @Optional() @Words('Only rooms of this pool or name.', ID_MAX) pool?: string;
}

export class TranscriptInput {
  @Optional() @WholeInQuery('Only messages before this seq.', 1, Number.MAX_SAFE_INTEGER) before?: number;
  @Optional() @WholeInQuery('Only messages after this seq.', 0, Number.MAX_SAFE_INTEGER) after?: number;
  @Optional() @WholeInQuery('How many at most; 50 by default.', 1, 500) limit: number = 50;
  @Optional() @Words('Why it is read, for the audit log.', WORDS_MAX) why?: string;
}

export class DecisionsInput {
  @Optional() @Words('Only of this pool.', ID_MAX) pool?: string;
  @Optional() @WholeInQuery('How many at most; 50 by default.', 1, 500) limit: number = 50;
}

export class ParticipantsInput {
  @Words('Whose participants.', 2_048) principal!: string;
}

export class CasesInput extends PageInput {
  @Optional()
  @IsIn(['open', 'resolved'], { message: 'must be open or resolved' })
  @JSONSchema({ description: 'Only those; all by default.' })
  state?: 'open' | 'resolved';
}

export class AuditInput extends PageInput {
  @Optional() @Words('Only what this principal did.', 2_048) actor?: string;
  @Optional() @Words('Only this, e.g. pool.pause.', ID_MAX) action?: string;
  @Optional() @Words('Only what was done to this, e.g. the name of a pool.', 2_048) subject?: string;
}

export class FiguresInput {
  @Optional()
  @WholeInQuery('Only what is later, in milliseconds since the epoch.', 0, Number.MAX_SAFE_INTEGER)
  since: number = 0;
}

export class PoolInput {
  @Optional()
  @IsIn(MODES, { message: `must be one of ${MODES.join(', ')}` })
  @JSONSchema({ description: 'open: resume. paused: people wait and nobody is matched. draining: nobody enters.' })
  mode?: (typeof MODES)[number];

  @IsOptional()
  @IsString({ message: 'must be the name of a strategy, or null for the one that is configured' })
  @MaxLength(ID_MAX, { message: `must have at most ${ID_MAX} characters` })
  @JSONSchema({
    type: ['string', 'null'] as never,
    description: 'A built-in strategy, a package or a file; null: the one that is configured.',
  })
  strategy?: string | null;

  @Optional()
  @IsObject({ message: 'must be an object' })
  @JSONSchema({ description: 'Options of the strategy.' })
  options?: Record<string, unknown>;
}

export class MoveInput {
  @Words('The pool to move the ticket to.', ID_MAX) pool!: string;
}

export class SanctionInput {
  @IsIn(['ban', 'mute'], { message: 'must be ban or mute' })
  @JSONSchema({ description: 'ban: kept out. mute: may read and not write.' })
  kind!: 'ban' | 'mute';

  @Optional() @Words('Of one participant; else name a principal.', ID_MAX) user_id?: string;
  @Optional() @Words('Of all that a principal has and will have.', 2_048) principal?: string;
  @Words('For operators; told to nobody else.', WORDS_MAX) reason!: string;

  @IsOptional()
  @IsTime()
  @JSONSchema({
    type: ['string', 'null'] as never,
    format: 'date-time',
    description: 'When it ends; left out or null: when it is lifted.',
  })
  until?: string;
}

export class ResolutionInput {
  @Words('What was made of it.', WORDS_MAX) note!: string;
}
