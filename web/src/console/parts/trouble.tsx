import { Icon } from '../../ui/icons.js';
import type { Loaded } from '../live/use-polled.js';
import { clockTime } from './times.js';

/** Why there is nothing newer, of when what is shown is, and a way to try again. */
export const Trouble = ({ of: { failure, at, reload } }: { readonly of: Loaded<unknown> }) => (
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
);
