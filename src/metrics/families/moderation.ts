import type { ModerationGate } from '../../moderation/index.js';
import type { CaseStore } from '../../ports/case-store.js';
import { byLabel, type Family, histogramSamples } from '../family.js';

const MICROS_PER_SECOND = 1_000_000;

/** What moderators said of what people write, and what is left for operators. */
export function moderationFamilies({ moderators }: ModerationGate, cases: CaseStore): Family[] {
  return [
    {
      name: 'parley_moderation_verdicts_total',
      help: 'Verdicts of moderators on messages and names: pass, mask, refuse or flag.',
      type: 'counter',
      read: () =>
        moderators.flatMap(({ name: moderator, figures }) =>
          Object.entries(figures.verdicts).map(([verdict, value]) => ({ labels: { moderator, verdict }, value })),
        ),
    },
    {
      name: 'parley_moderation_failures_total',
      help: 'How often a moderator could not tell; then MODERATION_ON_FAILURE decides.',
      type: 'counter',
      read: () =>
        byLabel(
          'moderator',
          moderators.map(({ name, figures }) => [name, figures.failures] as const),
        ),
    },
    {
      name: 'parley_moderation_duration_seconds',
      help: 'How long moderators took for a verdict, or to fail.',
      type: 'histogram',
      read: () =>
        moderators.flatMap(({ name: moderator, figures }) =>
          histogramSamples('parley_moderation_duration_seconds', { moderator }, figures, MICROS_PER_SECOND),
        ),
    },
    {
      name: 'parley_moderation_cases_open',
      help: 'Cases that no operator has resolved yet, of the namespace.',
      type: 'gauge',
      read: async () => [{ value: await cases.openCases() }],
    },
  ];
}
