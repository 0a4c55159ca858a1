import { ago, moment } from './times.js';

/** When something was. @param at RFC 3339 */
export const Time = ({ at }: { readonly at: string }) => (
  <time class="numbers" dateTime={at} title={at}>
    {moment(at)}
  </time>
);

/** How long ago something was, or in how long it will be. */
export const Ago = ({ at }: { readonly at: string }) => (
  <time class="numbers" dateTime={at} title={at}>
    {ago(at)}
  </time>
);
