import { visible } from '../../../../src/domain/text.js';

/** What a participant wrote, as text and nothing else, and to be seen as such. */
export const Untrusted = ({ text }: { readonly text: string }) => (
  <bdi class="untrusted" title="Written by a participant">
    {visible(text)}
  </bdi>
);
