import type { CloudEvent } from '../ports/event-publisher.js';
import type { OutboxRecord, RecordKind } from '../ports/outbox.js';
import { contentOf } from './event-data.js';

/** Where the schemas are published. A change that a consumer could trip over is another version, beside this one. */
const SCHEMAS = 'https://mcp-parley.github.io/parley/schemas/1';

export interface EventOptions {
  /** Tells services apart whose events come together. */
  readonly namespace: string;
  /** Whether what people wrote is told, or only that they wrote. */
  readonly messageText: boolean;
}

/** URI of the JSON Schema of the data of an event. */
export const schemaOf = (kind: RecordKind) => `${SCHEMAS}/${kind}.json`;

/** A record as the message queue tells it. */
export function toCloudEvent(record: OutboxRecord, { namespace, messageText }: EventOptions): CloudEvent {
  const { subject, data } = contentOf(record, messageText);
  return {
    specversion: '1.0',
    id: record.id,
    source: `parley://${namespace}`,
    type: `parley.${record.kind}`,
    subject,
    time: new Date(record.at).toISOString(),
    datacontenttype: 'application/json',
    dataschema: schemaOf(record.kind),
    data,
  };
}
