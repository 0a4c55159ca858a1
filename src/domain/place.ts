import { invalidArguments } from './errors.js';

/** Where something stands in a list that is read page by page: by a number, then by a text. */
export interface Place {
  readonly at: number;
  readonly tie: string;
}

/** As the `next` of a page. */
export const writePlace = ({ at, tie }: Place) => `${at}.${tie}`;

/** @throws ChatError `invalid_arguments` when no page has it as its `next` */
export function readPlace(after: string): Place {
  const [, at, tie] = /^(\d{1,16})\.([\w:-]{0,128})$/.exec(after) ?? [];
  if (at === undefined) throw invalidArguments('after must be the next of the page before', 'Leave it out to begin.');
  return { at: Number(at), tie: tie! };
}

/** Whether the first stands behind the second. */
export const isBehind = (one: Place, other: Place) => one.at > other.at || (one.at === other.at && one.tie > other.tie);
