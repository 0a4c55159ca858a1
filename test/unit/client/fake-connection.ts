import {
  type Connection,
  ConnectionLost,
  type Facts,
  type Following,
  type Listener,
  type Position,
  type ServerFacts,
  ToolFailure,
} from '../../../src/client/index.js';

export const ROOM = 'room-1';
export const BEN = { user_id: 'ben', display_name: 'Ben' };
export const TIME = Date.parse('2026-11-22T12:00:00Z');

export const at = (seconds: number) => new Date(TIME + seconds * 1_000).toISOString();

/** A message as the wire has it. */
export const message = (seq: number, text: string, sender: { user_id: string; display_name: string } = BEN) => ({
  message_id: `id-${seq}`,
  seq,
  message: text,
  sender: { ...sender, provenance: 'human' as const },
  timestamp: at(seq),
});

export const toolFailure = (code: string, retryable = false, retryAfterSeconds?: number) =>
  new ToolFailure(`refused: ${code}`, code, 'Do something else.', retryable, retryAfterSeconds);

/** A server in the hand of a test: it answers as told, remembers what it was asked, and says what the test says. */
export class FakeConnection implements Connection {
  /** Nothing gets through. */
  isDown = false;
  opens = 0;
  readonly facts: ServerFacts = { pools: [], messageMaxCharacters: 4000 };
  readonly calls: { readonly tool: string; readonly args: Facts }[] = [];
  readonly positions: Position[] = [];
  /** What `get_status` says. */
  tickets: Facts[] = [];
  rooms: Facts[] = [];
  cursor = 'c0';
  /** What was said in the room, one's own messages included. */
  messages: ReturnType<typeof message>[] = [];
  /** Takes the place of the answers below. */
  readonly answers = new Map<string, (args: Facts) => Facts | Promise<Facts>>();
  #following: { readonly listener: Listener; readonly end: () => void } | undefined;
  #cursors = 0;

  /** Arguments of all calls of a tool, without the token. */
  called(tool: string): Facts[] {
    return this.calls
      .filter((call) => call.tool === tool)
      .map(({ args: { participant_token: _token, ...args } }) => args);
  }

  get isFollowed(): boolean {
    return this.#following !== undefined;
  }

  async open(): Promise<ServerFacts> {
    this.opens++;
    this.#requireUp();
    return this.facts;
  }

  async call(tool: string, args: Facts): Promise<Facts> {
    this.calls.push({ tool, args });
    this.#requireUp();
    const answer = await (this.answers.get(tool) ?? this.#answer(tool))(args);
    this.#requireUp();
    return answer;
  }

  async follow(position: Position, listener: Listener): Promise<Following> {
    this.positions.push(position);
    this.#requireUp();
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const following = { listener, end };
    this.#following = following;
    const stop = () => {
      if (this.#following === following) this.#following = undefined;
      end();
    };
    return { ended, stop };
  }

  async close(): Promise<void> {
    this.cut();
  }

  /** An event, logged or, without a cursor, live. Returns its cursor. */
  push(name: string, data: object, { live = false, truncated = false, timestamp = at(0) } = {}): string {
    const cursor = `e${++this.#cursors}`;
    const logged = live ? {} : { timestamp, cursor };
    this.#following?.listener.event({ name, data: { ...data }, ...logged, ...(truncated && { truncated }) });
    return cursor;
  }

  /** What a connection that polls says of where one stands. */
  tell(): void {
    this.#following?.listener.status?.(this.#standing());
  }

  says(said: ReturnType<typeof message>): string {
    this.messages.push(said);
    return this.push('message.received', { room_id: ROOM, ...said }, { timestamp: said.timestamp });
  }

  /** Ends the stream of events. */
  cut(): void {
    const following = this.#following;
    this.#following = undefined;
    following?.end();
  }

  #requireUp(): void {
    if (this.isDown) throw new ConnectionLost('the server cannot be reached');
  }

  #standing(): Facts {
    const { cursor, tickets, rooms } = this;
    return { user_id: 'ann', display_name: 'Ann', cursor, tickets, rooms };
  }

  #answer(tool: string): (args: Facts) => Facts {
    switch (tool) {
      case 'get_status':
        return () => this.#standing();
      case 'enter_queue':
        return () => ({
          status: 'waiting',
          user_id: 'ann',
          participant_token: 'pt_ann',
          cursor: 'c0',
          ticket_id: 'ticket-1',
          position: 1,
          queue_length: 1,
          estimated_wait_seconds: null,
        });
      case 'join_room':
        return () => ({
          status: 'joined',
          room_id: ROOM,
          capacity: 2,
          partners: [BEN],
          user_id: 'ann',
          participant_token: 'pt_ann',
          cursor: 'c0',
        });
      case 'get_messages':
        return ({ before = Infinity, after = 0, limit }) => {
          const there = this.messages.filter(({ seq }) => seq < Number(before) && seq > Number(after));
          const page = before === Infinity && after !== 0 ? there.slice(0, Number(limit)) : there.slice(-Number(limit));
          return { messages: page, previous: page[0] && page[0] !== this.messages[0] ? page[0].seq : null, next: null };
        };
      case 'send_message':
        return (args) => {
          const said = message(this.messages.length + 1, String(args['message']), {
            user_id: 'ann',
            display_name: 'Ann',
          });
          this.messages.push(said);
          return { success: true, ...said };
        };
      default:
        return () => ({ success: true });
    }
  }
}
