import { describe, expect, it } from '@jest/globals';
import { connectV1, connectV2, type Envelope, type Heard, type TestClient, type V2Client } from '../support/clients.js';
import { descriptors, type Occurrence, openStream, own, payloadFaults, poll, request } from '../support/events.js';
import { useParley } from '../support/parley.js';
import { SECRET, useReceivers } from '../support/receiver.js';
import { until } from '../support/until.js';

/** What a conversation tells each of its two, in this order. */
const STORY = ['chatroom.found', 'message.received', 'message.received', 'partner.disconnected', 'room.closed'];
const TYPES = [...new Set(STORY)];

/** An event, whichever way it came. */
interface Told {
  readonly id: string;
  readonly name: string;
  readonly timestamp: string;
  readonly data: unknown;
}

const fromEnvelope = ({ event_id: id, name, timestamp, data }: Envelope): Told => ({ id, name, timestamp, data });
const fromOccurrence = ({ eventId: id, name, timestamp, data }: Occurrence): Told => ({ id, name, timestamp, data });
const fromPush = ({ event, params }: Heard): Told => fromEnvelope({ ...event!, data: params });

/** By position in the log, which an event id ends with: subscriptions to single types have no order among each other. */
const inOrder = (told: readonly Told[]) => {
  const position = ({ id }: Told) => Number.parseInt(id.split('_').at(-1)!, 36);
  return told.toSorted((a, b) => position(a) - position(b));
};

describe('the events of one conversation', () => {
  const parley = useParley();
  const newReceiver = useReceivers();

  it('are the same, with the same ids and payloads, by every path there is', async () => {
    await parley.start({ environment: { WEBHOOKS_WITHOUT_AUTH: 'true', WEBHOOKS_ALLOW_LOOPBACK: 'true' } });
    const ann = await parley.client(connectV1);
    await ann.enter({ display_name: 'Ann' });
    const also = async (): Promise<V2Client> => {
      const client = await parley.client(connectV2);
      client.token = ann.token;
      return client;
    };
    const [listening, watching, asking] = await Promise.all([also(), also(), also()]);
    await listening.listen(ann.cursor);
    await watching.subscribe('chat://inbox');
    const streams = await Promise.all(
      TYPES.map(async (name) => openStream(await also(), name, { cursor: ann.cursor })),
    );
    const cursors = new Map<string, string>();
    for (const name of TYPES) cursors.set(name, (await poll(asking, name, { cursor: ann.cursor })).cursor);

    const receiver = await newReceiver();
    const delivery = { url: receiver.url(), secret: SECRET };
    for (const name of TYPES) {
      await request(asking, 'events/subscribe', { name, arguments: own(asking), delivery, cursor: ann.cursor });
    }

    const ben = await parley.client<TestClient>(connectV2);
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await ben.say(roomId, 'hello');
    await ann.say(roomId, 'hello yourself');
    await ben.say(roomId, 'zero-width \u200d, “quotes”, {"json":true} and 🎉');
    await ben.ok('leave_chat', { room_id: roomId });

    const paths: Record<string, () => Told[] | Promise<Told[]>> = {
      'the stream of a session': () => ann.heard.filter(({ event }) => event).map(fromPush),
      'subscriptions/listen': () => listening.heard.filter(({ method }) => STORY.includes(method)).map(fromPush),
      'updates of a resource': () =>
        watching.all('notifications/resources/updated').map(({ event }) => fromEnvelope(event!)),
      wait_for_message: async () =>
        (await asking.ok('wait_for_message', { cursor: ann.cursor, timeout_seconds: 0 })).events.map(fromEnvelope),
      'events/poll': async () => {
        const polls = await Promise.all(TYPES.map((name) => poll(asking, name, { cursor: cursors.get(name) })));
        return polls.flatMap(({ events }) => events.map(fromOccurrence));
      },
      'events/stream': () => streams.flatMap(({ events }) => events.map(fromOccurrence)),
      webhooks: () => receiver.events.map(({ body }) => fromOccurrence(body as unknown as Occurrence)),
    };
    const [reference, ...others] = await Promise.all(
      Object.entries(paths).map(async ([path, told]) => {
        await until(`${STORY.length} events by ${path}`, async () => (await told()).length >= STORY.length);
        return { path, told: inOrder(await told()) };
      }),
    );
    expect(reference!.told.map(({ name }) => name)).toEqual(STORY);
    expect(new Set(reference!.told.map(({ id }) => id)).size).toBe(STORY.length);
    for (const { path, told } of others) expect({ path, told }).toEqual({ path, told: reference!.told });
    const events = streams.flatMap((stream) => stream.events);
    expect(payloadFaults(await descriptors(asking), events)).toEqual([]);
  });

  it('have one cursor in all modes, which every type and filter understands', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair(connectV2);
    const { cursor: start } = await poll(ann, 'message.received');
    await ben.say(roomId, 'one');
    const stream = await openStream(ann, 'message.received', { cursor: start });
    await stream.hears('event');
    const { cursor } = stream.events[0]!;
    expect((await poll(ann, 'message.received', { cursor: start })).cursor).toBe(cursor);
    expect((await poll(ann, 'room.closed', { cursor: start }, { room_id: roomId })).cursor).toBe(cursor);
    await stream.close();
    await ben.say(roomId, 'two');
    const polled = await poll(ann, 'message.received', { cursor }, { room_id: roomId });
    expect(polled.events.map(({ data }) => data['message'])).toEqual(['two']);
  });
});
