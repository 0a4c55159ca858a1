import type { DeliveryMetrics } from '../../mcp-events/index.js';
import { byLabel, type Family, histogramSamples } from '../family.js';

const MS_PER_SECOND = 1_000;

/** What has come of webhooks. */
export function webhookFamilies(deliveries: DeliveryMetrics): Family[] {
  return [
    {
      name: 'parley_webhook_deliveries_total',
      help: 'Deliveries: delivered, refused (410, 413), abandoned after the last retry, lost, or postponed to be tried later.',
      type: 'counter',
      read: () => {
        const { delivered, refused, abandoned, lost, postponed } = deliveries.figures;
        return byLabel('outcome', Object.entries({ delivered, refused, abandoned, lost, postponed }));
      },
    },
    {
      name: 'parley_webhook_failures_total',
      help: 'Attempts to deliver that failed, by category.',
      type: 'counter',
      read: () => byLabel('category', Object.entries(deliveries.figures.failures)),
    },
    {
      name: 'parley_webhook_challenges_total',
      help: 'Challenges of endpoints: passed or failed.',
      type: 'counter',
      read: () => byLabel('outcome', Object.entries(deliveries.figures.challenges)),
    },
    {
      name: 'parley_webhook_suspensions_total',
      help: 'Subscriptions suspended because their endpoint failed for too long.',
      type: 'counter',
      read: () => [{ value: deliveries.figures.suspended }],
    },
    {
      name: 'parley_webhook_lag_seconds',
      help: 'From an event until its delivery was acknowledged.',
      type: 'histogram',
      read: () => histogramSamples('parley_webhook_lag_seconds', {}, deliveries.figures.lagMs, MS_PER_SECOND),
    },
  ];
}
