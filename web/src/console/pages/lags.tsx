import type { InstanceDetail, Lag, Overview } from '../api/answers.js';
import { Status, type Tone } from '../parts/status.js';
import { span } from '../parts/times.js';
import { count, STAGES } from '../words.js';

export interface LagsProps {
  readonly lags: Overview['lags'];
  readonly instance: InstanceDetail;
}

/** After how many seconds somebody who is told what happens is late. */
const LATE_SECONDS = 10;

/** What the service leans on, and how far that is behind. */
export function Lags({ lags, instance }: LagsProps) {
  const { history, message_queue: queue, webhooks } = lags;
  const rows: readonly (readonly [name: string, tone: Tone, word: string, detail: string])[] = [
    ['State', ...stateOf(instance)],
    ['History', ...lagOf(history)],
    ['Message queue', ...lagOf(queue)],
    [
      'Webhooks',
      webhooks.subscriptions === 0 ? 'quiet' : 'good',
      count(webhooks.subscriptions, 'subscription'),
      webhooks.pending === 0
        ? 'Nothing is outstanding'
        : `${count(webhooks.pending, 'delivery', 'deliveries')} outstanding`,
    ],
    [
      'This instance',
      ...STAGES[instance.stage],
      `${count(instance.streams, 'stream')}, ${count(instance.waits, 'long poll')}`,
    ],
  ];
  return (
    <dl class="lags">
      {rows.map(([name, tone, word, detail]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Status tone={tone}>{word}</Status>
            <span class="quiet">{detail}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function stateOf({ state_reachable: reachable, leads }: InstanceDetail): readonly [Tone, string, string] {
  if (!reachable) return ['bad', 'Away', 'This instance cannot reach the state'];
  return ['good', 'Reachable', leads ? 'This instance carries out upkeep' : 'Another instance carries out upkeep'];
}

function lagOf(lag: Lag | null): readonly [Tone, string, string] {
  if (lag === null) return ['quiet', 'Not configured', ''];
  const { pending, behind_seconds: behind, lost, failures } = lag;
  const detail = [
    pending > 0 && `${count(pending, 'record')} pending`,
    lost > 0 && `${lost} lost`,
    failures > 0 && `${count(failures, 'attempt')} failed in a row`,
  ];
  const words = detail.filter((part) => part !== false).join(', ');
  if (failures > 0 || lost > 0) return ['bad', behind > 0 ? `${span(behind)} behind` : 'Failing', words];
  return behind > LATE_SECONDS ? ['warning', `${span(behind)} behind`, words] : ['good', 'Up to date', words];
}
