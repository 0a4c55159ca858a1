import type { Decision } from '../api/answers.js';
import { duration } from '../chart/units.js';
import { Empty } from '../parts/empty.js';
import { Id } from '../parts/id.js';
import { Time } from '../parts/time.js';
import { Status, type Tone } from '../parts/status.js';
import { count, plain } from '../words.js';

/** What strategies decided, newest first, and why. */
export function Decisions({ of }: { readonly of: readonly Decision[] }) {
  if (of.length === 0) return <Empty title="No decisions yet">Each run of a strategy is listed here.</Empty>;
  return (
    <ol class="decisions">
      {of.map((decision) => {
        const [tone, outcome] = outcomeOf(decision);
        const { at, ticket_id: ticketId, pool, strategy, fallback, micros } = decision;
        return (
          <li key={`${at} ${ticketId}`}>
            <p class="decision-head">
              <Status tone={tone}>{outcome}</Status>
              <Time at={at} />
            </p>
            <p>{whyOf(decision)}</p>
            <p class="quiet">
              {strategy}
              {fallback && ' (in place of one that is suspended)'} in {pool}, for <Id of={ticketId} />, in{' '}
              {duration(micros / 1_000_000)}
            </p>
          </li>
        );
      })}
    </ol>
  );
}

function outcomeOf({ failure, chosen, proposed }: Decision): readonly [Tone, string] {
  if (failure !== null) return ['bad', 'Failed'];
  if (chosen !== null) return ['good', 'Matched'];
  return proposed > 0 ? ['warning', 'Refused'] : ['quiet', 'Nobody fits'];
}

function whyOf({ failure, chosen, reasons, refused, waiting, trigger }: Decision): string {
  if (failure !== null) return `The strategy failed: ${plain(failure)}.`;
  if (chosen !== null) {
    const why = reasons.length > 0 ? `: ${reasons.map(plain).join(', ')}` : '';
    return `${count(chosen.length, 'ticket')} of ${waiting}${why}.`;
  }
  const causes = Object.entries(refused).map(([cause, times]) => `${times} ${plain(cause)}`);
  if (causes.length > 0) return `What it proposed was refused: ${causes.join(', ')}.`;
  return `${count(waiting, 'ticket')} looked at, on ${plain(trigger)}.`;
}
