import { useRef, useState } from 'preact/hooks';
import { Icon } from './icons.js';

/** How many there may be, and how long each, in UTF-16 units: well within what the server takes. */
const MOST = 10;
const LONGEST = 40;

export interface TagsFieldProps {
  readonly id: string;
  readonly tags: readonly string[];
  readonly describedBy: string;
  readonly onChange: (tags: readonly string[]) => void;
}

/** Words as one types them: Enter or a comma ends one, Backspace takes the last one back. */
export function TagsField({ id, tags, describedBy, onChange }: TagsFieldProps) {
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);

  const add = (words: readonly string[]) => {
    const fresh = words.map((word) => word.trim().slice(0, LONGEST)).filter((word) => word !== '');
    onChange([...new Set([...tags, ...fresh])].slice(0, MOST));
  };
  const take = (typed: string) => {
    const words = typed.split(/[,;\n]/);
    setText(words.pop()!);
    if (words.length > 0) add(words);
  };
  const finish = () => {
    if (text.trim() === '') return;
    add([text]);
    setText('');
  };
  const remove = (tag: string) => {
    onChange(tags.filter((other) => other !== tag));
    input.current!.focus();
  };
  return (
    <div class="tags" onClick={(event) => event.target === event.currentTarget && input.current!.focus()}>
      {tags.length > 0 && (
        <ul aria-label="Chosen interests">
          {tags.map((tag) => (
            <li key={tag} class="tag">
              <bdi>{tag}</bdi>
              <button type="button" aria-label={`Remove ${tag}`} onClick={() => remove(tag)}>
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        ref={input}
        id={id}
        value={text}
        autocomplete="off"
        enterkeyhint="done"
        aria-describedby={describedBy}
        placeholder={tags.length === 0 ? 'music, hiking, …' : ''}
        disabled={tags.length >= MOST}
        onInput={(event) => take(event.currentTarget.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && text.trim() !== '' && !event.isComposing) {
            event.preventDefault();
            finish();
          } else if (event.key === 'Backspace' && text === '' && tags.length > 0) {
            onChange(tags.slice(0, -1));
          }
        }}
      />
    </div>
  );
}
