/** An id as it was given: short in a list, whole when asked for. */
export const Id = ({ of }: { readonly of: string }) => (
  <code class="id" title={of}>
    {of.length > SHOWN ? `${of.slice(0, SHOWN)}…` : of}
  </code>
);

const SHOWN = 13;
