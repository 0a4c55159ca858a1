import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { characters } from '../../../src/domain/text.js';
import { Icon } from './icons.js';

/** From so many characters before the limit on, one is told how many are left. */
const TELL_FROM = 200;

export interface ComposerProps {
  /** To whom one writes. */
  readonly to: string;
  /** What was typed and not sent. */
  readonly draft: string;
  /** In characters (Unicode code points); 0: no limit. */
  readonly limit: number;
  readonly onDraft: (text: string) => void;
  readonly onTyping: () => void;
  readonly onSend: (text: string) => void;
}

/** Where one writes: Enter sends, Shift+Enter begins a line. */
export function Composer({ to, draft, limit, onDraft, onTyping, onSend }: ComposerProps) {
  const id = useId();
  const [text, setText] = useState(draft);
  const field = useRef<HTMLTextAreaElement>(null);
  const left = limit === 0 ? Infinity : limit - characters(text);
  const isSendable = text.trim() !== '' && left >= 0;

  useLayoutEffect(() => {
    const { style } = field.current!;
    style.height = 'auto';
    style.height = `${field.current!.scrollHeight}px`;
  }, [text]);

  const change = (to: string) => {
    setText(to);
    onDraft(to);
    if (to.trim() !== '') onTyping();
  };
  const send = () => {
    if (!isSendable) return;
    onSend(text);
    setText('');
    onDraft('');
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
        field.current!.focus();
      }}
    >
      <label class="sr-only" for={id}>
        Message to {to}
      </label>
      <textarea
        ref={field}
        id={id}
        rows={1}
        dir="auto"
        value={text}
        placeholder="Write a message"
        enterkeyhint="send"
        aria-describedby={`${id}-help`}
        aria-invalid={left < 0}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" class="send" aria-label="Send" disabled={!isSendable}>
        <Icon name="send" />
      </button>
      <p id={`${id}-help`} class="composer-help" data-over={left < 0} data-told={left <= TELL_FROM}>
        {left > TELL_FROM
          ? 'Enter sends, Shift+Enter begins a new line.'
          : left >= 0
            ? `${left} left`
            : `${-left} too many`}
      </p>
    </form>
  );
}
