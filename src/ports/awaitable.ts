/** Synchronous where the adapter can, so that the memory adapter costs no promise. */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with a value; at once if it is there already, which costs no promise. */
export function then<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
