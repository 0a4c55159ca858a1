import type { ComponentChildren } from 'preact';
import type { Loaded } from '../live/use-polled.js';
import { Trouble } from './trouble.js';

export interface ShownProps<T> {
  readonly of: Loaded<T>;
  readonly children: (value: T) => ComponentChildren;
}

/**
 * What was loaded; before that that it is being loaded, or why it cannot be. That the server cannot be reached is said once
 * for the whole console.
 */
export function Shown<T>({ of, children }: ShownProps<T>) {
  const { value, failure, status } = of;
  if (value === undefined && failure === undefined) return <Loading />;
  return (
    <>
      {failure !== undefined && (value === undefined || status !== 0) && <Trouble of={of} />}
      {value !== undefined && children(value)}
    </>
  );
}

const Loading = () => (
  <div class="loading" role="status">
    <span class="sr-only">Loading …</span>
    <span class="bone" />
    <span class="bone" />
    <span class="bone" />
  </div>
);
