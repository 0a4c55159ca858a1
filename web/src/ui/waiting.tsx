import type { ChatClient, Ticket } from '../../../src/client/index.js';
import { useAction, useNow } from './hooks.js';
import { Mark } from './icons.js';
import { OfferCard } from './offer-card.js';
import { stopwatch } from './times.js';
import { estimateInWords, poolInWords, positionInWords } from './words.js';

export interface WaitingProps {
  readonly client: ChatClient;
  readonly ticket: Ticket;
  /** Whether there is something to try when nobody else is there. */
  readonly canOpenSecond: boolean;
}

/** A place in a queue, until somebody is found. */
export function Waiting({ client, ticket, canOpenSecond }: WaitingProps) {
  const { busy, failure, run } = useAction();
  if (ticket.offer !== undefined) return <OfferCard client={client} offer={ticket.offer} />;
  return (
    <section class="card waiting" aria-labelledby="waiting-title">
      <Mark lively />
      <h1 id="waiting-title" tabIndex={-1} data-heading>
        Looking for a partner
      </h1>
      <p role="status">{positionInWords(ticket)}</p>
      <dl class="facts">
        {ticket.pool !== 'default' && (
          <div>
            <dt>Meeting</dt>
            <dd>
              <bdi>{poolInWords(ticket.pool)}</bdi>
            </dd>
          </div>
        )}
        <div>
          <dt>Estimate</dt>
          <dd>{estimateInWords(ticket.estimatedWaitSeconds)}</dd>
        </div>
        <div>
          <dt>Waiting for</dt>
          <dd class="numbers">
            <Elapsed since={ticket.since} />
          </dd>
        </div>
      </dl>
      {ticket.reasons.length > 0 && (
        <ul class="reasons" aria-label="Why it takes a while">
          {ticket.reasons.map((reason) => (
            <li key={reason} dir="auto">
              {reason}
            </li>
          ))}
        </ul>
      )}
      {failure !== undefined && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      <button
        type="button"
        class="button"
        disabled={busy}
        onClick={() => void run(() => client.leaveQueue(ticket.pool))}
      >
        Stop waiting
      </button>
      {canOpenSecond && ticket.queueLength <= 1 && (
        <p class="hint">
          Just trying it out?{' '}
          <a href="/" target="_blank" rel="noopener">
            Open this page in a second tab
          </a>{' '}
          and meet yourself.
        </p>
      )}
    </section>
  );
}

function Elapsed({ since }: { readonly since: number }) {
  return <>{stopwatch(useNow() - since)}</>;
}
