// Rooms of people who talk, and a check of all that they hear: each message once, in order, unchanged, in the right room.
import { Participant } from './participant.mjs';

let rooms = 0;

export class Conversation {
  heard = 0;
  sent = 0;
  /** Called with the time between when a message was due and when it was heard, in milliseconds. */
  onLatency = () => undefined;
  #speakers = [];

  /** People in one room who hear each other by `push` or by `wait`. */
  static async open(port, era, { delivery = 'push', people = 2, size = 64 } = {}) {
    const conversation = new Conversation();
    const name = `bench ${rooms++}`;
    conversation.padding = 'x'.repeat(size);
    conversation.size = size;
    for (let i = 0; i < people; i++) {
      const participant = await new Participant(port, era).connect();
      const joined = await participant.join(name, Math.max(2, people));
      conversation.roomId = joined.room_id;
      conversation.#speakers.push({ participant, sent: 0, heard: new Map() });
    }
    for (const speaker of conversation.#speakers) {
      speaker.participant.onEvent = (event, data) => conversation.#hear(speaker, event, data);
      if (delivery === 'push') await speaker.participant.listen();
      else speaker.participant.poll();
    }
    return conversation;
  }

  get people() {
    return this.#speakers.length;
  }

  /** Whether everybody has heard all that the others said. */
  get isComplete() {
    return this.heard === this.sent * (this.people - 1);
  }

  /** The speaker of this number says something that was due at `due`. */
  async say(number, due = performance.now()) {
    const speaker = this.#speakers[number];
    const text = `${number} ${++speaker.sent} ${due.toFixed(3)} `;
    this.sent++;
    await speaker.participant.say(this.roomId, text + this.padding.slice(text.length));
  }

  close() {
    for (const { participant } of this.#speakers) participant.close();
  }

  #hear(speaker, event, data) {
    if (event !== 'message.received') return;
    const [from, number, due] = data.message.split(' ');
    const expected = (speaker.heard.get(from) ?? 0) + 1;
    if (Number(number) !== expected || data.room_id !== this.roomId || data.message.length < this.size) {
      throw new Error(`message ${number} of ${from} was heard where ${expected} was expected`);
    }
    speaker.heard.set(from, expected);
    this.heard++;
    this.onLatency(performance.now() - Number(due));
  }
}

/** Waits until all has been heard. */
export async function complete(conversations) {
  const deadline = performance.now() + 10_000;
  while (!conversations.every(({ isComplete }) => isComplete)) {
    if (performance.now() > deadline) throw new Error('messages were lost');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
