import { useState } from 'preact/hooks';
import type { ChatClient, Offer } from '../../../src/client/index.js';
import { useAction, useNow } from './hooks.js';
import { Mark } from './icons.js';
import { stopwatch } from './times.js';

export interface OfferCardProps {
  readonly client: ChatClient;
  readonly offer: Offer;
}

/** A match to accept or decline before its time is up. */
export function OfferCard({ client, offer }: OfferCardProps) {
  const { busy, failure, run } = useAction();
  const answer = (accept: boolean) => void run(() => client.respond(offer.offerId, accept));
  return (
    <section class="card waiting" aria-labelledby="offer-title">
      <Mark />
      <h1 id="offer-title" tabIndex={-1} data-heading>
        {offer.accepted ? 'You accepted' : 'Somebody was found'}
      </h1>
      <p role="status">
        {offer.accepted
          ? 'Waiting for the others to answer.'
          : offer.groupSize > 2
            ? `A group of ${offer.groupSize} could meet now. Would you like to?`
            : 'Would you like to meet them?'}
      </p>
      {offer.reasons.length > 0 && (
        <ul class="reasons" aria-label="Why you would meet">
          {offer.reasons.map((reason) => (
            <li key={reason} dir="auto">
              {reason}
            </li>
          ))}
        </ul>
      )}
      <TimeLeft until={offer.expiresAt} />
      {failure !== undefined && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      {!offer.accepted && (
        <div class="offer-actions">
          <button type="button" class="button" disabled={busy} onClick={() => answer(false)}>
            Decline
          </button>
          <button type="button" class="button button-primary" disabled={busy} onClick={() => answer(true)}>
            Accept
          </button>
        </div>
      )}
      <p class="help">Nobody learns who declined.</p>
    </section>
  );
}

function TimeLeft({ until }: { readonly until: number }) {
  const [from] = useState(Date.now);
  const left = Math.max(0, until - useNow());
  return (
    <div class="time-left">
      <progress max={Math.max(1, until - from)} value={left} aria-label="Time left to answer" />
      <span class="numbers">{stopwatch(left + 999)} left</span>
    </div>
  );
}
