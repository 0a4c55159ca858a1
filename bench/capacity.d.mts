export interface Ask {
  readonly users: number;
  readonly messagesPerMinute: number;
  readonly roomSize: number;
  readonly textBytes: number;
  readonly matchesPerHour: number;
  readonly remembered: number;
  readonly waiting: number;
  readonly polling: number;
  readonly roomMinutes: number;
  readonly dayShare: number;
  readonly eventHours: number;
  readonly eventEntries: number;
  readonly endedRooms: number;
  readonly endedSeconds: number;
  readonly outbox: boolean;
  readonly share: number;
  readonly redisGiB: number;
  readonly redisGbit: number;
  readonly instanceGiB: number;
}

export interface Capacity {
  readonly posts: number;
  readonly shards: number;
  readonly instances: number;
  readonly redisCores: number;
  readonly gib: number;
  readonly gbit: number;
  readonly limit: string;
}

export const BASE: Ask;
export function capacity(ask?: Partial<Ask>): Capacity;
export function table(asks?: readonly Partial<Ask>[]): string;
