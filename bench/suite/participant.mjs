// A participant as an MCP client is one, in either era: calls tools, hears of events by push or by long poll.
import { HttpConnection } from './http-connection.mjs';

const PATH = '/mcp';
const JSON_HEADERS = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
/** How long a wait lasts before it is renewed, in seconds. */
const WAIT_SECONDS = 20;

export const ERAS = ['2025', '2026'];

export class Participant {
  /** Called with the name and the data of each event. */
  onEvent = () => undefined;
  #calls;
  #events;
  #headers = '';
  #ids = 0;
  #closed = false;
  #found = { ready: [], waiting: [] };
  #ended = { ready: [], waiting: [] };

  constructor(port, era) {
    this.port = port;
    this.era = era;
    this.#calls = new HttpConnection(port);
  }

  /** Begins a session where the era has sessions. */
  async connect() {
    if (this.era !== '2025') return this;
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
    const answer = await this.#calls.post(PATH, JSON_HEADERS, rpc(++this.#ids, 'initialize', params));
    const session = /\r\nmcp-session-id: (\S+)/i.exec(answer.head)?.[1];
    if (answer.status !== 200 || !session) throw new Error(`no session: ${answer.status} ${answer.body}`);
    this.#headers = `Mcp-Session-Id: ${session}\r\nMCP-Protocol-Version: 2025-11-25\r\n`;
    return this;
  }

  /** What the tool says; its failure is an error. */
  async call(name, args) {
    const { status, body } = await this.#post(this.#calls, 'tools/call', { name, arguments: args }, name);
    const { result, error } = JSON.parse(body);
    if (status !== 200 || error || result.isError) throw new Error(`${name}: ${status} ${body.slice(0, 300)}`);
    return result.structuredContent;
  }

  /** Enters a queue; from then on this is a participant with a token and a cursor. */
  async enter(args = {}) {
    const entered = await this.call('enter_queue', this.#asSelf(args));
    this.token ??= entered.participant_token;
    this.cursor ??= entered.cursor;
    return entered;
  }

  async join(roomName, capacity) {
    const joined = await this.call('join_room', this.#asSelf({ room_name: roomName, capacity }));
    this.token ??= joined.participant_token;
    this.cursor ??= joined.cursor;
    return joined;
  }

  say(roomId, message) {
    return this.call('send_message', this.#asSelf({ room_id: roomId, message }));
  }

  leave(roomId) {
    return this.call('leave_chat', this.#asSelf({ room_id: roomId }));
  }

  leaveQueue() {
    return this.call('leave_queue', this.#asSelf({}));
  }

  /** Only listens from now on: an open file less. */
  rest() {
    this.#calls.close();
  }

  /** Hears events by push from the cursor on. */
  async listen() {
    this.#events = new HttpConnection(this.port);
    const hear = (data) => {
      const { method, params } = JSON.parse(data);
      this.onEvent(method, params);
    };
    if (this.era === '2025') {
      const head = `Accept: text/event-stream\r\n${this.#headers}Last-Event-ID: ${this.cursor}\r\n`;
      return this.#events.stream(`GET ${PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}\r\n`, hear);
    }
    const notifications = {
      'io.github.mcp-parley/chat': { participant_token: this.token, cursor: this.cursor },
    };
    const body = rpc(++this.#ids, 'subscriptions/listen', { notifications, _meta: META });
    const head = `${JSON_HEADERS}${stateless('subscriptions/listen')}Content-Length: ${Buffer.byteLength(body)}\r\n`;
    return this.#events.stream(`POST ${PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}\r\n${body}`, hear);
  }

  /** Hears events by long polls from the cursor on, until it is closed. */
  poll() {
    this.#events = new HttpConnection(this.port);
    const wait = async () => {
      while (!this.#closed) {
        const args = this.#asSelf({ cursor: this.cursor, timeout_seconds: WAIT_SECONDS });
        const { body } = await this.#post(
          this.#events,
          'tools/call',
          { name: 'wait_for_message', arguments: args },
          'wait_for_message',
        );
        const { structuredContent } = JSON.parse(body).result;
        this.cursor = structuredContent.cursor ?? this.cursor;
        for (const { name, data } of structuredContent.events ?? []) this.onEvent(name, data);
      }
    };
    wait().catch((error) => {
      if (!this.#closed) throw error;
    });
  }

  close() {
    this.#closed = true;
    this.#calls.close();
    this.#events?.close();
  }

  /** From now on remembers rooms that were found and rooms that were closed, for `found` and `ended`. */
  expectMatches() {
    this.onEvent = (name, data) => {
      const list = name === 'chatroom.found' ? this.#found : name === 'room.closed' ? this.#ended : undefined;
      if (!list) return;
      const waiting = list.waiting.shift();
      if (waiting) waiting(data.room_id);
      else list.ready.push(data.room_id);
    };
  }

  /** The next room that this participant was told of. */
  found() {
    return next(this.#found);
  }

  /** The next room of this participant that was closed. */
  ended() {
    return next(this.#ended);
  }

  #asSelf(args) {
    return this.token === undefined ? args : { ...args, participant_token: this.token };
  }

  #post(connection, method, params, name) {
    if (this.era === '2025') {
      return connection.post(PATH, JSON_HEADERS + this.#headers, rpc(++this.#ids, method, params));
    }
    return connection.post(
      PATH,
      JSON_HEADERS + stateless(method, name),
      rpc(++this.#ids, method, { ...params, _meta: META }),
    );
  }
}

/** The next of a list, which may be yet to come. */
const next = ({ ready, waiting }) =>
  ready.length > 0 ? Promise.resolve(ready.shift()) : new Promise((resolve) => waiting.push(resolve));

const rpc = (id, method, params) => JSON.stringify({ jsonrpc: '2.0', id, method, params });

const stateless = (method, name) =>
  `MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: ${method}\r\n${name === undefined ? '' : `Mcp-Name: ${name}\r\n`}`;
