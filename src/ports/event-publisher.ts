/** A CloudEvent 1.0 in structured JSON form. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** Unique per `source`; a repetition has the same. */
  readonly id: string;
  readonly source: string;
  /** `parley.` and the kind of record, e.g. `parley.message.sent`. */
  readonly type: string;
  /** What it is about, e.g. the room's id. */
  readonly subject: string;
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** URI of the JSON Schema of `data`. */
  readonly dataschema: string;
  readonly data: object;
}

/** Hands events to a message queue. */
export interface EventPublisher {
  /** The largest event it takes, in bytes of JSON. */
  readonly maxBytes: number;
  /**
   * Resolves when the queue has stored all of them, in this order and each once; a repetition is recognised by `id`.
   * Rejects when it is not known that it has: they are to be published again, beginning with the same event.
   */
  publish(events: readonly CloudEvent[]): Promise<void>;
}
export const EventPublisher = Symbol.for('parley/EventPublisher');
