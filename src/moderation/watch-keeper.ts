import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { isRefusal, isUnavailable, notAllowed, roomNotFound } from '../domain/errors.js';
import { NotificationsService } from '../notifications/index.js';
import { Clock } from '../ports/clock.js';
import type { RoomFacts } from '../ports/operator-steps.js';
import { StateStore } from '../ports/state-store.js';
import { WatchList } from '../ports/watch-list.js';

/** How long a watch lasts after the last time an operator read, in milliseconds. */
export const WATCH_MS = 300_000;
/** How often those that are over are looked for, in milliseconds. */
const SWEEP_MS = 10_000;

/** Which rooms operators watch. Nobody reads along before everybody there has been told, and it ends by itself. */
@Injectable()
export class WatchKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('Moderation');
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(WatchList) private readonly watches: WatchList,
    private readonly notifications: NotificationsService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  async begin(roomId: string): Promise<RoomFacts> {
    const facts = await this.#require(roomId);
    if (!this.#mayBeWatched(facts)) {
      throw facts.kind === 'named'
        ? notAllowed('Named rooms may not be watched', 'SUPERVISION_NAMED_ROOMS=true would allow it.')
        : notAllowed(
            `Rooms of the pool "${facts.name}" may not be watched`,
            '"supervision": true for the pool in POOLS would allow it.',
          );
    }
    // First on the list: what its members are told of must come to an end.
    await this.watches.keep(roomId, this.clock.now() + WATCH_MS);
    return this.#supervise(roomId, true);
  }

  async end(roomId: string): Promise<RoomFacts> {
    const facts = await this.#supervise(roomId, false);
    await this.watches.end(roomId);
    return facts;
  }

  /** Whether operators may read along; then the watch goes on. @throws ChatError `room_not_found` */
  async read(roomId: string): Promise<boolean> {
    const { supervised, active } = await this.#require(roomId);
    if (supervised && active) await this.watches.keep(roomId, this.clock.now() + WATCH_MS);
    return supervised;
  }

  /** Ends watches at which nobody has read for a while; runs by itself, at one instance at a time. */
  async sweep(): Promise<void> {
    if (this.state.sharing?.leads === false) return;
    try {
      for (const roomId of await this.watches.over(this.clock.now())) await this.#expire(roomId);
    } catch (error) {
      // The next time will do.
      if (!isUnavailable(error)) this.#logger.error({ msg: 'watches not ended', error: String(error) });
    }
  }

  async #expire(roomId: string): Promise<void> {
    try {
      await this.end(roomId);
    } catch (error) {
      // The room has ended by itself.
      if (!isRefusal(error)) throw error;
      await this.watches.end(roomId);
    }
  }

  #mayBeWatched({ kind, name }: RoomFacts): boolean {
    const { config } = this;
    return kind === 'named' ? config.moderation.namedRooms : (config.pools.get(name)?.supervision ?? false);
  }

  async #supervise(roomId: string, supervised: boolean): Promise<RoomFacts> {
    this.notifications.publish((await this.state.supervise(roomId, supervised, this.clock.now())).appended);
    return this.#require(roomId);
  }

  async #require(roomId: string): Promise<RoomFacts> {
    const facts = await this.state.roomFacts(roomId);
    if (!facts) throw roomNotFound();
    return facts;
  }
}
