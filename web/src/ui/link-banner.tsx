import type { ChatClient, Link } from '../../../src/client/index.js';
import { useNow } from './hooks.js';

export interface LinkBannerProps {
  readonly client: ChatClient;
  readonly link: Link;
}

/** Lies over the content, so that losing and regaining the connection moves nothing. */
export function LinkBanner({ client, link }: LinkBannerProps) {
  const troubled = link.state === 'reconnecting' || link.state === 'refused';
  return (
    <div role="status" aria-label="Connection">
      {troubled && (
        <div class="banner" data-link={link.state}>
          <span class="banner-light" aria-hidden="true" />
          <p>
            {link.state === 'refused' ? `The server will not serve: ${link.why}` : 'Connection lost.'}{' '}
            {link.state === 'reconnecting' && <Countdown until={link.retryAt} />}
          </p>
          <button type="button" class="button button-small" onClick={() => client.reconnect()}>
            {link.state === 'refused' ? 'Try again' : 'Try now'}
          </button>
        </div>
      )}
    </div>
  );
}

/** Hidden from screen readers, which would read every second of it. */
function Countdown({ until }: { readonly until: number }) {
  const seconds = Math.ceil((until - useNow()) / 1_000);
  return <span aria-hidden="true">{seconds > 0 ? `Next try in ${seconds} s.` : 'Trying …'}</span>;
}
