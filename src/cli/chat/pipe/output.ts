import { type Conversation, type Entry, type Link, type Notice, type Ticket } from '../../../client/index.js';
import { ClockFace, oneLine, printable } from '../printable.js';
import { happened, linkWords, placeOf, sentence } from '../wording.js';

/** Where the output of `parley chat` through pipes goes, one line at a time, without its line end. */
export interface Streams {
  out(line: string): void;
  err(line: string): void;
}

/** What a pipe is told, in one of its formats. */
export interface PipeOutput {
  entry(entry: Entry, conversation: Conversation): void;
  waiting(ticket: Ticket): void;
  link(link: Link): void;
  notice(notice: Omit<Notice, 'id'>): void;
}

/** A partner's messages on the output as `HH:MM:SS name: text`, further lines of a message indented; the rest on stderr. */
export class TextOutput implements PipeOutput {
  constructor(
    private readonly streams: Streams,
    private readonly clock = new ClockFace(),
  ) {}

  entry(entry: Entry, conversation: Conversation): void {
    if (entry.kind === 'happening') return this.#say(happened(entry, conversation));
    if (entry.mine) {
      if (entry.delivery === 'failed') this.#say(`Not sent: ${entry.failure ?? 'the service refused it'}`);
      return;
    }
    const text = printable(entry.text).replaceAll('\n', '\n    ');
    this.streams.out(`${this.clock.long(entry.at)} ${oneLine(entry.sender?.displayName ?? '?')}: ${text}`);
  }

  waiting(ticket: Ticket): void {
    this.#say(`Looking for somebody ${placeOf(ticket)}.`);
  }

  link(link: Link): void {
    if (link.state === 'reconnecting') this.#say(`${sentence(link.why)} Trying again.`);
    else if (link.state === 'online') this.#say('Connected again.');
  }

  notice({ text }: Omit<Notice, 'id'>): void {
    this.#say(text);
  }

  #say(text: string): void {
    this.streams.err(`* ${oneLine(text)}`);
  }
}

/** One JSON object per event on the output, one's own messages included. */
export class JsonOutput implements PipeOutput {
  constructor(
    private readonly streams: Streams,
    private readonly now: () => number = Date.now,
  ) {}

  entry(entry: Entry, { roomId, pool, roomName, partners }: Conversation): void {
    const { kind, at } = entry;
    if (kind === 'happening') {
      const room = entry.what === 'opened' && {
        ...(pool !== undefined && { pool }),
        ...(roomName !== undefined && { room_name: roomName }),
        partners: partners.map(person),
      };
      this.#write(entry.what, at, { room_id: roomId, ...(entry.who && { partner: person(entry.who) }), ...room });
      return;
    }
    const { seq, text, mine, sender, delivery, failure } = entry;
    if (delivery === 'failed') return this.#write('failed', at, { room_id: roomId, text, why: failure });
    const from = sender && { sender: { ...person(sender), provenance: sender.provenance } };
    this.#write('message', at, { room_id: roomId, seq, mine, ...from, text });
  }

  waiting({ pool, position, queueLength, estimatedWaitSeconds }: Ticket): void {
    this.#write('waiting', this.now(), {
      pool,
      position,
      queue_length: queueLength,
      estimated_wait_seconds: estimatedWaitSeconds,
    });
  }

  link(link: Link): void {
    const why = 'why' in link ? { why: link.why } : {};
    this.#write('connection', this.now(), { state: linkWords(link).split(',')[0], ...why });
  }

  notice({ tone, text }: Omit<Notice, 'id'>): void {
    this.#write('notice', this.now(), { tone, text });
  }

  #write(event: string, at: number, data: object): void {
    this.streams.out(JSON.stringify({ event, time: new Date(at).toISOString(), ...data }));
  }
}

const person = ({ userId, displayName }: { readonly userId: string; readonly displayName: string }) => ({
  user_id: userId,
  display_name: displayName,
});
