import { type Link, ownParams } from './link.js';
import { factsOf, type Held } from './participant.js';

/** Hosts wait about two seconds before they kill what they have asked to end. */
const FAREWELL_WITHIN_MS = 1_500;

/**
 * Leaves the chats and queues of a participant that this bridge made, so that partners are not left with somebody who will
 * never answer. Gives up silently: presence lapses by itself.
 */
export async function sayFarewell(link: Link, held: Held | undefined): Promise<void> {
  if (!held?.made) return;
  const signal = AbortSignal.timeout(FAREWELL_WITHIN_MS);
  const call = async (name: string, args: object) => {
    const params = { ...ownParams(), name, arguments: { ...args, participant_token: held.token } };
    return factsOf(await link.request('tools/call', params, { signal }));
  };
  try {
    // The service may put a prefix before all names.
    const names = [...(await link.tools()).keys()];
    const named = (tool: string) => names.find((name) => name.endsWith(tool)) ?? tool;
    const { rooms, tickets } = await call(named('get_status'), {});
    const leaving = (Array.isArray(rooms) ? rooms : []).map(({ room_id }: { room_id?: unknown }) =>
      call(named('leave_chat'), { room_id }),
    );
    if (Array.isArray(tickets) && tickets.length > 0) leaving.push(call(named('leave_queue'), {}));
    await Promise.all(leaving);
  } catch {
    // Nobody is left to be told.
  }
}
