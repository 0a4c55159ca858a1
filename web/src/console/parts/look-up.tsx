import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';

export interface LookUpProps {
  readonly label: string;
  readonly button: string;
  /** What is looked up now. */
  readonly value: string;
  readonly onLookUp: (text: string) => void;
  readonly help?: string;
  readonly required?: boolean;
  /** Stands before the field. */
  readonly children?: ComponentChildren;
}

/** A field and a button. */
export function LookUp({ label, button, value, onLookUp, help, required = false, children }: LookUpProps) {
  const [text, setText] = useState(value);
  const [id, helpId] = [useId(), useId()];
  useEffect(() => setText(value), [value]);
  return (
    <form
      class="look-up"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onLookUp(text.trim());
      }}
    >
      {children}
      <div class="field">
        <label for={id}>{label}</label>
        <input
          id={id}
          type="search"
          required={required}
          value={text}
          autocomplete="off"
          spellcheck={false}
          aria-describedby={help === undefined ? undefined : helpId}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </div>
      <button type="submit" class="button">
        {button}
      </button>
      {help !== undefined && (
        <p id={helpId} class="help">
          {help}
        </p>
      )}
    </form>
  );
}
