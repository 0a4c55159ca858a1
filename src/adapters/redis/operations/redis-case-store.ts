import { readPlace, writePlace } from '../../../domain/place.js';
import type { Message } from '../../../domain/room.js';
import type { Case, CaseStore, CaseSummary, Complaint, NewCase, Resolution } from '../../../ports/case-store.js';
import type { Page, PageQuery } from '../../../ports/operator-steps.js';
import type { RedisConnection } from '../redis-connection.js';
import { CASES } from './case-library.js';

/** JSON of what it is about; milliseconds since the epoch; JSON of the resolution, if there is one. */
type WireFacts = readonly [about: string, openedAt: string, resolution: string | null];
type WireCase = readonly [facts: WireFacts, messages: readonly string[], complaints: readonly string[]];

/** Cases in a Redis that any number of instances share. Each step is one function call there. */
export class RedisCaseStore implements CaseStore {
  readonly #tag: string;

  /**
   * @param namespace what the keys begin with, as a hash tag
   * @param max most cases kept
   */
  constructor(
    private readonly connection: RedisConnection,
    namespace: string,
    private readonly max: number,
  ) {
    this.#tag = `{${namespace}}`;
  }

  open({ id, evidence: { messages, ...about }, complaint }: NewCase): Promise<string> {
    const { room, reported } = about;
    const people = [reported.user_id, ...messages.map(({ sender }) => sender.user_id)];
    return this.#step('open', {
      ...{ id, room: room?.roomId, subject: `${room?.roomId ?? ''} ${reported.user_id}`, max: this.max },
      ...{ about: JSON.stringify(about), openedAt: String(complaint.at), complaint: JSON.stringify(complaint) },
      messages: messages.map((message) => JSON.stringify(message)),
      people: [...new Set(complaint.reporter === null ? people : [...people, complaint.reporter])],
    });
  }

  async find(id: string): Promise<Case | undefined> {
    const found = await this.#step<WireCase | null>('find', { id });
    return found ? readCase(id, found) : undefined;
  }

  async list({ after, limit, state }: PageQuery & { readonly state?: Case['state'] }): Promise<Page<CaseSummary>> {
    type Item = readonly [order: string, id: string, facts: WireFacts, complaints: number];
    const before = after === undefined ? '+inf' : `(${readPlace(after).at}`;
    const found = await this.#step<Item[]>('list', { of: state ?? 'all', before, limit: limit + 1 });
    const items = found.slice(0, limit);
    return {
      items: items.map(([, id, facts, complaints]) => ({ ...readFacts(id, facts), complaints })),
      ...(found.length > limit && { next: writePlace({ at: Number(items.at(-1)![0]), tie: '' }) }),
    };
  }

  async isOpenIn(roomId: string): Promise<boolean> {
    return (await this.#step<number>('isOpenIn', { room: roomId })) === 1;
  }

  async resolve(id: string, resolution: Resolution): Promise<Case | undefined> {
    const found = await this.#step<WireCase | null>('resolve', { id, resolution: JSON.stringify(resolution) });
    return found ? readCase(id, found) : undefined;
  }

  async forget(participantId: string): Promise<void> {
    await this.#step('forget', { person: participantId });
  }

  openCases(): Promise<number> {
    return this.#step('openCases', {});
  }

  #step<T>(name: string, args: object): Promise<T> {
    return this.connection.call<T>(this.#tag, [name, JSON.stringify(args)], CASES);
  }
}

function readFacts(id: string, [about, openedAt, resolution]: WireFacts): Omit<CaseSummary, 'complaints'> {
  return {
    id,
    state: resolution === null ? 'open' : 'resolved',
    evidence: JSON.parse(about) as CaseSummary['evidence'],
    openedAt: Number(openedAt),
    resolution: resolution === null ? null : (JSON.parse(resolution) as Resolution),
  };
}

function readCase(id: string, [facts, messages, complaints]: WireCase): Case {
  const { evidence, ...rest } = readFacts(id, facts);
  return {
    ...rest,
    evidence: { ...evidence, messages: messages.map((message) => JSON.parse(message) as Message) },
    complaints: complaints.map((complaint) => JSON.parse(complaint) as Complaint),
  };
}
