import { useEffect } from 'preact/hooks';
import type { Notice } from '../../../src/client/index.js';
import { Icon } from './icons.js';

/** How long a notice without consequences stays, in milliseconds. */
const SEEN_MS = 8_000;

export interface NoticesProps {
  readonly notices: readonly Notice[];
  readonly dismiss: (id: number) => void;
}

/** What the person should be told. The region is always there, so that screen readers notice what comes into it. */
export function Notices({ notices, dismiss }: NoticesProps) {
  return (
    <section class="notices" role="status" aria-label="Notices">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} dismiss={() => dismiss(notice.id)} />
      ))}
    </section>
  );
}

function NoticeCard({ notice: { tone, text }, dismiss }: { readonly notice: Notice; readonly dismiss: () => void }) {
  useEffect(() => {
    if (tone !== 'info') return;
    const timer = setTimeout(dismiss, SEEN_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="notice" data-tone={tone}>
      {tone !== 'info' && <Icon name="alert" />}
      <p>{text}</p>
      <button type="button" class="icon-button" aria-label="Dismiss" onClick={dismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}
