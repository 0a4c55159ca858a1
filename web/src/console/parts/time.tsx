import { ago, moment, span } from './times.js';

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

/** For how long something has lasted. @param since RFC 3339 */
export const Lasting = ({ since }: { readonly since: string }) => (
  <time class="numbers" dateTime={since} title={since}>
    {span((Date.now() - Date.parse(since)) / 1_000)}
  </time>
);
