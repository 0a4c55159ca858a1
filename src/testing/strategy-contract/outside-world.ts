/** What a strategy must not reach for. */
export type Reach = 'time' | 'chance' | 'timers' | 'network';

type Call = (...args: unknown[]) => unknown;

/** Where each is found, and what it answers while it is watched: always the same, so that only its use is a fault. */
const OUTSIDE: readonly (readonly [object: object, name: string, reach: Reach, answer: Call])[] = [
  [performance, 'now', 'time', () => 0],
  [process, 'hrtime', 'time', () => [0, 0]],
  [Math, 'random', 'chance', () => 0.5],
  [crypto, 'randomUUID', 'chance', () => '00000000-0000-4000-8000-000000000000'],
  [crypto, 'getRandomValues', 'chance', (array) => array],
  [globalThis, 'setTimeout', 'timers', () => undefined],
  [globalThis, 'setInterval', 'timers', () => undefined],
  [globalThis, 'setImmediate', 'timers', () => undefined],
  [globalThis, 'queueMicrotask', 'timers', () => undefined],
  [globalThis, 'fetch', 'network', () => new Promise(() => undefined)],
];

let trust = 0;

/** Runs what may look at the real time although it is called from within a watched body. */
export function trusted<T>(body: () => T): T {
  trust++;
  try {
    return body();
  } finally {
    trust--;
  }
}

/** Runs a body cut off from time, chance, timers and network, and tells what of it the body reached for. */
export function watched<T>(body: () => T, reached: Set<Reach>): T {
  const restore = OUTSIDE.map(([object, name, reach, answer]) => {
    const own = Object.getOwnPropertyDescriptor(object, name);
    const real = Reflect.get(object, name) as Call;
    const value: Call = (...args) => {
      if (trust > 0) return Reflect.apply(real, object, args);
      reached.add(reach);
      return answer(...args);
    };
    Object.defineProperty(object, name, { value, configurable: true, writable: true });
    return () => (own ? Object.defineProperty(object, name, own) : Reflect.deleteProperty(object, name));
  });
  const RealDate = Date;
  // Whoever was ended by force had no time to take its trust back.
  trust = 0;
  globalThis.Date = stoppedDate(RealDate, () => reached.add('time'));
  try {
    return body();
  } finally {
    globalThis.Date = RealDate;
    restore.forEach((undo) => undo());
  }
}

/** `Date` for given times only; asked for the present it says the epoch. */
function stoppedDate(RealDate: DateConstructor, asked: () => void): DateConstructor {
  const present = () => {
    if (trust > 0) return RealDate.now();
    asked();
    return 0;
  };
  return new Proxy(RealDate, {
    construct: (target, args: unknown[], self) =>
      Reflect.construct(target, args.length === 0 ? [present()] : args, self) as Date,
    apply: () => new RealDate(present()).toString(),
    get: (target, key) => (key === 'now' ? present : (Reflect.get(target, key) as unknown)),
  });
}
