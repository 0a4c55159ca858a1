import type { ChatClient, Conversation, Link } from '../../../client/index.js';
import { EntryReader } from '../entry-reader.js';
import { farewell } from '../farewell.js';
import { failureOf } from '../wording.js';
import type { PipeOutput } from './output.js';

export interface PipeChatOptions {
  readonly client: ChatClient;
  readonly output: PipeOutput;
  /** The messages, one per line. */
  readonly input: AsyncIterable<string>;
  /** Ends the conversation politely when it is aborted. */
  readonly interrupted: AbortSignal;
  readonly name?: string;
  readonly pool?: string;
  readonly room?: string;
  readonly interests: readonly string[];
  /** For how long one listens after the last line. */
  readonly lingerMs: number;
  /** For how long a lost connection is tried again. */
  readonly retryMs: number;
}

/** How a conversation through pipes ended. */
export type PipeEnd = 'done' | 'lost' | 'interrupted';

/** How long one may be in no queue and no conversation before that is taken for the end. */
const NOWHERE_MS = 5_000;

/**
 * A conversation through pipes: finds a partner, sends each line of the input in order, tells what is said, leaves when
 * the input has ended and all of it was accepted.
 */
export class PipeChat {
  readonly #client: ChatClient;
  readonly #reader = new EntryReader();
  readonly #told = new Set<string | number>();
  readonly #over: Promise<PipeEnd>;
  #end!: (how: PipeEnd) => void;
  #link: Link['state'] = 'online';
  #offline: NodeJS.Timeout | undefined;
  #nowhere: NodeJS.Timeout | undefined;
  #failed = false;
  #isOver = false;

  constructor(private readonly options: PipeChatOptions) {
    this.#client = options.client;
    this.#over = new Promise((resolve) => {
      this.#end = (how) => {
        this.#isOver = true;
        resolve(how);
      };
    });
  }

  async run(): Promise<PipeEnd> {
    const { interrupted, output } = this.options;
    const interrupt = () => this.#end('interrupted');
    if (interrupted.aborted) interrupt();
    interrupted.addEventListener('abort', interrupt);
    let unsubscribe = () => {};
    const connected = this.#client.start().then(() => {
      const { link } = this.#client.state;
      if (link.state !== 'online') return this.#fail('why' in link ? link.why : 'The service cannot be reached.');
      unsubscribe = this.#client.subscribe(() => this.#follow());
      return this.#talk();
    });
    connected.catch((error: unknown) => this.#fail(failureOf(error)));
    const how = await this.#over;
    interrupted.removeEventListener('abort', interrupt);
    unsubscribe();
    clearTimeout(this.#offline);
    clearTimeout(this.#nowhere);
    const heard = await farewell(this.#client);
    if (!heard && how === 'done')
      output.notice({ tone: 'warning', text: 'The service could not be told that you left.' });
    return how;
  }

  async #talk(): Promise<void> {
    const { input, lingerMs } = this.options;
    await this.#enter();
    this.#follow();
    await this.#when(() => this.#conversation?.partners.some(({ presence }) => presence !== 'gone') ?? false);
    const { roomId } = this.#conversation!;
    for await (const line of input) if (line.trim() !== '') await this.#client.send(roomId, line);
    await this.#when(() => !this.#isSending);
    await new Promise((resolve) => setTimeout(resolve, lingerMs).unref());
    this.#finish();
  }

  async #enter(): Promise<void> {
    const { name = 'Anonymous', pool, room, interests } = this.options;
    if (room !== undefined) return void (await this.#client.joinRoom(room, name));
    await this.#client.enterQueue({
      displayName: name,
      ...(pool !== undefined && { pool }),
      ...(interests.length > 0 && { interests }),
    });
  }

  /** Settles when something has become true of the state. */
  #when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#client.subscribe(() => look());
      const look = () => {
        if (!condition()) return;
        stop();
        resolve();
      };
      look();
    });
  }

  get #conversation(): Conversation | undefined {
    return this.#client.state.conversations.at(-1);
  }

  get #isSending(): boolean {
    const entries = this.#conversation?.entries ?? [];
    return entries.some((entry) => entry.kind === 'message' && entry.delivery === 'sending');
  }

  #follow(): void {
    const { output } = this.options;
    const { link, tickets, notices } = this.#client.state;
    if (link.state !== this.#link) this.#followLink(link);
    for (const notice of notices) {
      // Dismissing calls back here.
      if (!this.#isNew(notice.id)) continue;
      output.notice(notice);
      this.#client.dismiss(notice.id);
    }
    for (const ticket of tickets) {
      if (this.#isNew(ticket.ticketId)) output.waiting(ticket);
      // A pipe has nobody to ask.
      const { offer } = ticket;
      if (offer && !offer.accepted && this.#isNew(offer.offerId)) {
        this.#client.respond(offer.offerId, true).catch((error: unknown) => this.#fail(failureOf(error)));
      }
    }
    if (this.#conversation) this.#read(this.#conversation);
    this.#lookWhere();
  }

  #followLink(link: Link): void {
    const { output, retryMs } = this.options;
    if (link.state === 'refused') return this.#fail(link.why);
    if (link.state === 'connecting') return;
    this.#link = link.state;
    output.link(link);
    if (link.state === 'online') {
      clearTimeout(this.#offline);
      this.#offline = undefined;
    } else this.#offline ??= setTimeout(() => this.#fail('The service did not come back.'), retryMs);
  }

  #read(conversation: Conversation): void {
    for (const entry of this.#reader.news(conversation)) {
      this.options.output.entry(entry, conversation);
      if (entry.kind === 'message') this.#failed ||= entry.delivery === 'failed';
      else if (entry.what === 'lost') this.#end('lost');
    }
    if (conversation.unread > 0) this.#client.markRead(conversation.roomId);
    if (!conversation.active && !this.#isSending) this.#finish();
  }

  /** Ends when one is nowhere any more, e.g. because the time in the queue was up. */
  #lookWhere(): void {
    const { link, tickets, conversations } = this.#client.state;
    const somewhere = link.state !== 'online' || tickets.length > 0 || conversations.length > 0;
    if (somewhere) {
      clearTimeout(this.#nowhere);
      this.#nowhere = undefined;
    } else this.#nowhere ??= setTimeout(() => this.#fail('You are in no queue any more.'), NOWHERE_MS);
  }

  #isNew(id: string | number): boolean {
    return !this.#told.has(id) && this.#told.add(id) !== undefined;
  }

  #finish(): void {
    this.#end(this.#failed ? 'lost' : 'done');
  }

  #fail(text: string): void {
    // What is under way at the end fails, and nobody waits for it.
    if (this.#isOver) return;
    this.options.output.notice({ tone: 'error', text });
    this.#end('lost');
  }
}
