import { failedBy } from '../../domain/criteria.js';
import { headcount, membersOf, type Reason, type Ticket } from '../../domain/ticket.js';
import { obstacle } from './compatibility.js';
import type { Run } from '../strategy-runner.js';

/** How many candidates are looked at, and how many attributes are named. */
const MAX_CANDIDATES = 200;
const MAX_ATTRIBUTES = 3;

/**
 * Why a ticket still waits, as far as the engine can tell. What others ask for and whom they have blocked stays theirs:
 * only the ticket's own criteria are named.
 */
export function explainWait(run: Run): readonly Reason[] {
  const { subject } = run;
  const reasons: Reason[] = [];
  const { seats, excluded, unsought, incompatible } = lookAround(run);
  for (const [name, count] of [...excluded].sort(([, a], [, b]) => b - a).slice(0, MAX_ATTRIBUTES)) {
    reasons.push({ code: 'excluded_by_criteria', text: `${candidates(count)} excluded by ${name}` });
  }
  if (unsought > 0) {
    reasons.push({ code: 'not_sought', text: `${candidates(unsought)} looking for somebody else` });
  }
  if (incompatible > 0) reasons.push({ code: 'not_compatible', text: `${candidates(incompatible)} not compatible` });
  const missing = subject.group.minimum - headcount([subject]) - seats;
  const waiting = howLong(subject, missing, run.now);
  if (waiting) reasons.push(waiting);
  return reasons.length > 0 ? reasons : [{ code: 'nobody_compatible', text: 'Nobody compatible is waiting yet' }];
}

function howLong({ group, enqueuedAt }: Ticket, missing: number, now: number): Reason | undefined {
  if (missing > 0) {
    const others = missing === 1 ? '1 more participant' : `${missing} more participants`;
    return { code: 'too_few_waiting', text: `Waiting for ${others} to arrive` };
  }
  const leftMs = enqueuedAt + group.patienceMs - now;
  if (leftMs <= 0 || group.maximum === group.minimum) return undefined;
  return {
    code: 'larger_group',
    text: `Waiting for a larger group; a smaller one will do in ${Math.ceil(leftMs / 1000)} s`,
  };
}

/** How many people the first candidates could bring along, and how many candidates could not meet the subject and why. */
function lookAround(run: Run) {
  const { subject, view } = run;
  const excluded = new Map<string, number>();
  const found = { seats: 0, excluded, unsought: 0, incompatible: 0 };
  let looked = 0;
  for (const candidate of view.tickets()) {
    if (candidate.participantId === subject.participantId) continue;
    if (++looked > MAX_CANDIDATES) break;
    const between = obstacle([subject, candidate], run);
    if (between === undefined) found.seats += headcount([candidate]);
    else if (between !== 'criteria') found.incompatible++;
    else {
      const names = new Set(membersOf(candidate).flatMap((member) => failedBy(subject.criteria, member)));
      for (const name of names) excluded.set(name, (excluded.get(name) ?? 0) + 1);
      if (names.size === 0) found.unsought++;
    }
  }
  return found;
}

const candidates = (count: number) => (count === 1 ? '1 candidate' : `${count} candidates`);
