import { applyDecorators } from '@nestjs/common';
import { IsInt, IsObject, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

/** A text of one to `max` characters that the model is told about by `description`. */
export const Text = (description: string, max: number) =>
  applyDecorators(IsString(), MinLength(1), MaxLength(max), JSONSchema({ description }));

/** A text whose length the domain checks, because its bound is configured. */
export const FreeText = (description: string) => applyDecorators(IsString(), JSONSchema({ description }));

export const Whole = (description: string, min: number, max: number) =>
  applyDecorators(IsInt(), Min(min), Max(max), JSONSchema({ description, type: 'integer' }));

/** Every tool takes the token of the participant it acts for. */
export class CallerArguments {
  @IsOptional()
  @Text(
    'The participant_token that enter_queue or join_room returned. Leave it out where the session remembers you.',
    128,
  )
  participant_token?: string;
}

export class ProfileArguments extends CallerArguments {
  @IsOptional()
  @FreeText('Name shown to partners. Default: Anonymous.')
  display_name?: string;
}

export class EntryArguments extends ProfileArguments {
  @IsOptional()
  @IsObject()
  @JSONSchema({ description: 'Facts that matching may use: names to texts, numbers, booleans or lists of texts.' })
  attributes?: Record<string, unknown>;
}

export class RoomArguments extends CallerArguments {
  @Text('The room, as chatroom.found or get_status names it.', 128)
  room_id!: string;
}

/** Longest wait that is taken seriously, in seconds; the configured cap applies below it. */
export const WAIT_MAX = 86_400;

export class PartnerArguments extends RoomArguments {
  @Text('Whom: the user_id of somebody who is or was in the room with you.', 128)
  user_id!: string;

  @IsOptional()
  @Text('Why, in a few words; your partner never sees it.', 1_000)
  reason?: string;
}
