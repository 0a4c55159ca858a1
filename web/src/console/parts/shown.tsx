import type { ComponentChildren } from 'preact';
import { Icon } from '../../ui/icons.js';
import type { Loaded } from '../live/use-polled.js';
import { clockTime } from './times.js';

export interface ShownProps<T> {
  readonly of: Loaded<T>;
  readonly children: (value: T) => ComponentChildren;
}

/** What was loaded; before that that it is being loaded, or why it cannot be. */
export function Shown<T>({ of, children }: ShownProps<T>) {
  const { value, failure, at, reload } = of;
  if (value === undefined && failure === undefined) return <Loading />;
  return (
    <>
      {failure !== undefined && (
        <p class="trouble" role="alert">
          <Icon name="alert" />
          <span>
            {failure}
            {at !== undefined && ` What you see is of ${clockTime(at)}.`}
          </span>
          <button type="button" class="button button-small" onClick={reload}>
            Try again
          </button>
        </p>
      )}
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
