import type { ChatClient, Link } from '../../../src/client/index.js';
import { Mark } from './icons.js';

export interface SplashProps {
  readonly client: ChatClient;
  readonly link: Link;
}

/** Before anything is known of the server. */
export function Splash({ client, link }: SplashProps) {
  const isRefused = link.state === 'refused';
  return (
    <div class="splash">
      <Mark lively={!isRefused} />
      <h1 tabIndex={-1} data-heading>
        {isRefused ? 'Parley cannot be reached from here' : 'Connecting'}
      </h1>
      {isRefused && (
        <>
          <p role="alert">{link.why}</p>
          <button type="button" class="button button-primary" onClick={() => client.reconnect()}>
            Try again
          </button>
        </>
      )}
    </div>
  );
}
