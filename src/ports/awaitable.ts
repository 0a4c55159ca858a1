/** Synchronous where the adapter can, so that the memory adapter costs no promise. */
export type Awaitable<T> = T | Promise<T>;
