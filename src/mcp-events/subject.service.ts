import { Injectable } from '@nestjs/common';
import { ChatError } from '../domain/errors.js';
import { type CallContext, CallerService } from '../mcp-transport/index.js';
import { ParticipantsService } from '../participants/index.js';
import { RoomsService } from '../rooms/index.js';
import { forbidden } from './event-errors.js';
import type { EventArguments } from './event-types.js';

/** Whose log a call is about, and where that log stands. */
export interface Subject {
  readonly participantId: string;
  readonly logId: string;
  readonly head: number;
}

/** Who a call of MCP Events is about, and what that participant may subscribe to. */
@Injectable()
export class SubjectService {
  constructor(
    private readonly callers: CallerService,
    private readonly participants: ParticipantsService,
    private readonly rooms: RoomsService,
  ) {}

  /**
   * The participant that the token names, in the arguments or in `_meta`, else the one the session speaks as.
   * @throws ChatError `participant_required`, `participant_not_found`
   */
  async subjectOf(call: CallContext, { participant_token: token }: EventArguments): Promise<Subject> {
    const { participantId } = await this.callers.require(call, token);
    const { participant, head } = await this.participants.get(participantId);
    return { participantId, logId: participant.logId, head };
  }

  /**
   * A room filter is for those who are or were in the room. One answer for rooms that there are not and for those of
   * others, so that ids cannot be probed.
   * @returns whether the room is over, so that nothing more will happen in it
   * @throws EventsError Forbidden
   */
  async requireEntitled({ participantId }: Subject, { room_id: roomId }: EventArguments): Promise<boolean> {
    if (roomId === undefined) return false;
    try {
      return !(await this.rooms.room(participantId, roomId)).active;
    } catch (error) {
      if (error instanceof ChatError && error.code === 'not_in_room') return false;
      throw error instanceof ChatError && error.code === 'room_not_found' ? forbidden('not_a_member') : error;
    }
  }
}
