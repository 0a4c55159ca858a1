import { useState } from 'preact/hooks';
import type { MessageEntry } from '../../../src/client/index.js';
import { Icon } from './icons.js';
import { fullTime } from './times.js';

/** More than this is folded until somebody wants to read it. */
const FOLD_LINES = 24;
const FOLD_CHARACTERS = 1_600;

export interface MessageProps {
  readonly message: MessageEntry;
  readonly retry: (key: string) => void;
}

/** One message. Its text is a text node and nothing else, whatever is in it. */
export function Message({ message, retry }: MessageProps) {
  const { text, mine, sender, delivery, failure, key, at } = message;
  const [folded, setFolded] = useState(() => isLong(text));
  return (
    <div class="message" data-delivery={delivery}>
      <span class="sr-only">{mine ? 'You: ' : `${sender?.displayName ?? 'Somebody'}: `}</span>
      <div class="bubble" dir="auto" data-folded={folded} title={fullTime(at)}>
        {text}
      </div>
      {folded && (
        <button type="button" class="link-button" onClick={() => setFolded(false)}>
          Show all of it
        </button>
      )}
      {delivery === 'failed' && (
        <p class="message-failure">
          <Icon name="alert" />
          <span>{failure ?? 'Not sent.'}</span>
          <button type="button" class="link-button" onClick={() => retry(key)}>
            Send again
          </button>
        </p>
      )}
    </div>
  );
}

const isLong = (text: string) => text.length > FOLD_CHARACTERS || text.split('\n', FOLD_LINES + 1).length > FOLD_LINES;

const DELIVERIES = {
  sending: { icon: 'clock', label: 'Sending' },
  sent: { icon: 'delivered', label: 'Delivered' },
  failed: { icon: 'alert', label: 'Not sent' },
} as const;

/** How far one’s own message has come. */
export function Delivery({ delivery }: { readonly delivery: keyof typeof DELIVERIES }) {
  const { icon, label } = DELIVERIES[delivery];
  return (
    <span class="delivery" data-delivery={delivery} title={label}>
      <Icon name={icon} />
      <span class="sr-only">{label}</span>
    </span>
  );
}
