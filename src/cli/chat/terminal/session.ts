import type { ChatClient, Conversation, Entry, Partner, Ticket } from '../../../client/index.js';
import { type CommandName, parseTyped } from '../commands.js';
import { EntryReader } from '../entry-reader.js';
import { farewell } from '../farewell.js';
import { oneLine, printable } from '../printable.js';
import { failureOf, happened, listed, placeOf, sentence, titleOf } from '../wording.js';
import { HELP, overview, roomList } from './overview.js';

/** A line that was said or happened; it is printed once and stays. */
export interface Line {
  /** From 0, in order. */
  readonly key: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tone: 'message' | 'sent' | 'failed' | 'info' | 'warning' | 'error';
  /** Of a partner's message. */
  readonly who?: { readonly userId: string; readonly name: string };
  /** Safe to print. */
  readonly text: string;
}

export interface SessionOptions {
  readonly client: ChatClient;
  readonly url: URL;
  readonly name?: string;
  readonly pool?: string;
  readonly room?: string;
  readonly interests: readonly string[];
  readonly now?: () => number;
}

/**
 * A person at a terminal: what they type becomes calls, what happens becomes lines. Knows nothing of how it is drawn.
 */
export class Session {
  readonly #client: ChatClient;
  readonly #reader = new EntryReader();
  readonly #listeners = new Set<() => void>();
  readonly #options: SessionOptions;
  readonly #stopFollowing: () => void;
  /** Settles when everything was left. */
  readonly ended: Promise<void>;
  #end!: () => void;
  #lines: readonly Line[] = [];
  #name: string | undefined;
  #current: string | undefined;
  /** Rooms, tickets and notices that were there already. */
  readonly #known = new Set<string>();
  #offered: string | undefined;
  #link = 'connecting';
  /** A room that is being joined: it becomes the current one when it is there. */
  #joining = false;
  #ending = false;

  constructor(options: SessionOptions) {
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#options = options;
    this.#client = options.client;
    this.#name = options.name;
    const { host } = options.url;
    this.#say(
      options.name === undefined
        ? `Parley at ${host}. What should others call you? Type a name and press Enter.`
        : `Parley at ${host}. ${this.#afterName}`,
    );
    this.#stopFollowing = this.#client.subscribe(() => this.#follow());
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  get state() {
    return this.#client.state;
  }

  /** The conversation that is shown, and gets what is typed. */
  get current(): Conversation | undefined {
    return this.#conversations.find(({ roomId }) => roomId === this.#current);
  }

  /** One's own messages that the service does not have yet. */
  get pending(): readonly { readonly key: string; readonly text: string }[] {
    return (this.current?.entries ?? []).flatMap((entry) =>
      entry.kind === 'message' && entry.delivery === 'sending' ? [entry] : [],
    );
  }

  /** Whether the next line is one's name. */
  get asksName(): boolean {
    return this.#name === undefined;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    await this.#client.start();
    if (!this.asksName) await this.#firstWish();
  }

  /** Does what was typed. Resolves with text that could not be used, for the person to change. */
  async submit(text: string): Promise<string | undefined> {
    if (this.#ending) return;
    try {
      return await this.#do(text);
    } catch (error) {
      this.#say(failureOf(error), 'warning');
      return undefined;
    }
  }

  /** Tells the partners that a message is being written. */
  typing(text: string): void {
    if (this.current?.active && parseTyped(text).kind === 'message') this.#client.typing(this.current.roomId);
  }

  /** What may stand behind a command. */
  choices(command: CommandName): readonly string[] {
    switch (command) {
      case 'enter':
        return this.state.pools.map(({ name }) => name);
      case 'block':
      case 'report':
        return (this.current?.partners ?? []).map(({ displayName }) => displayName);
      case 'switch':
        return this.#conversations.map((_, index) => String(index + 1));
      default:
        return [];
    }
  }

  /** Leaves queue and rooms, and tells so. A second call waits for nothing. */
  async quit(): Promise<void> {
    if (this.#ending) return this.#end();
    this.#ending = true;
    this.#stopFollowing();
    const left = this.#places();
    const heard = await farewell(this.#client);
    if (left.length === 0) this.#say('Bye.');
    else if (heard) this.#say(`You left ${listed(left)}. Bye.`);
    else this.#say('Bye. The service could not be told; it will notice in a moment that you are gone.', 'warning');
    this.#end();
  }

  /** Where one is or waits, in words. */
  #places(): readonly string[] {
    const active = this.#conversations.filter(({ active }) => active);
    const rooms = active.map((conversation) =>
      conversation.roomName === undefined ? `the conversation with ${titleOf(conversation)}` : conversation.roomName,
    );
    return this.state.tickets.length > 0 ? ['the queue', ...rooms] : rooms;
  }

  get #conversations(): readonly Conversation[] {
    return this.state.conversations;
  }

  get #afterName(): string {
    return 'Type /enter to find somebody to talk to, /help for everything else.';
  }

  async #firstWish(): Promise<void> {
    const { pool, room } = this.#options;
    if (room !== undefined) await this.submit(`/join ${room}`);
    else if (pool !== undefined) await this.submit(`/enter ${pool}`);
  }

  async #do(text: string): Promise<string | undefined> {
    const typed = parseTyped(text);
    switch (typed.kind) {
      case 'nothing':
        if (['reconnecting', 'refused'].includes(this.state.link.state)) this.#client.reconnect();
        return;
      case 'unknown': {
        const help = typed.meant === undefined ? '/help lists what there is.' : `Did you mean /${typed.meant}?`;
        this.#say(`There is no /${typed.word}. ${help} To send it as a message, begin it with //.`, 'warning');
        return text;
      }
      case 'command':
        if (!LOCAL.has(typed.name)) await this.#tryConnection();
        return this.#command(typed.name, typed.rest);
      case 'message':
        if (this.#name === undefined) return this.#takeName(typed.text);
        return this.#send(typed.text, text);
    }
  }

  /** While the connection is lost, waits for one more try: a person at the keyboard is a reason not to wait longer. */
  async #tryConnection(): Promise<void> {
    const { link } = this.state;
    if (link.state !== 'reconnecting') return;
    await new Promise<void>((resolve) => {
      const stop = this.#client.subscribe(() => {
        if (this.state.link === link) return;
        stop();
        resolve();
      });
      this.#client.reconnect();
    });
  }

  async #takeName(text: string): Promise<undefined> {
    this.#name = text.trim();
    this.#say(`Hello ${this.#name}. ${this.#afterName}`);
    await this.#firstWish();
  }

  #send(message: string, typed: string): string | undefined {
    const { current } = this;
    if (!current?.active) {
      this.#say(
        this.state.tickets.length > 0
          ? 'Nobody is here yet; as soon as somebody is, you can talk.'
          : 'You are not talking to anybody. /enter finds somebody.',
        'warning',
      );
      return typed;
    }
    void this.#client.send(current.roomId, message);
    return;
  }

  async #command(name: CommandName, rest: string): Promise<string | undefined> {
    switch (name) {
      case 'enter':
        return this.#enter(rest);
      case 'join':
        return this.#join(rest);
      case 'next':
        return this.#next();
      case 'leave':
        return this.#leave();
      case 'accept':
        return this.#respond(true);
      case 'decline':
        return this.#respond(false);
      case 'block': {
        const partner = this.#partner(rest);
        if (partner) {
          await this.#client.block(this.#current!, partner.userId);
          this.#say(`You will not meet ${partner.displayName} again.`);
        }
        return;
      }
      case 'report':
        return this.#report(rest);
      case 'rooms':
        return this.#say(this.#rooms());
      case 'switch':
        return this.#switch(rest);
      case 'name':
        return this.#rename(rest);
      case 'status':
        return this.#say(overview(this.state, { name: this.#name, url: this.#options.url, current: this.#current }));
      case 'help':
        return this.#say(HELP);
      case 'quit':
        return void this.quit();
    }
  }

  async #enter(pool: string): Promise<undefined> {
    if (!this.#named()) return;
    const { interests } = this.#options;
    await this.#client.enterQueue({
      displayName: this.#name!,
      ...(pool !== '' && { pool }),
      ...(interests.length > 0 && { interests }),
    });
  }

  async #join(room: string): Promise<undefined> {
    if (!this.#named()) return;
    if (room === '') return this.#say('Which room? For example: /join lounge', 'warning');
    this.#joining = true;
    try {
      const roomId = await this.#client.joinRoom(room, this.#name!);
      if (this.#conversations.some((conversation) => conversation.roomId === roomId)) this.#show(roomId);
    } finally {
      this.#joining = false;
    }
  }

  async #next(): Promise<undefined> {
    const { current } = this;
    if (!current) return this.#enter('');
    await this.#client.next(current.roomId);
  }

  async #leave(): Promise<undefined> {
    const { current, state } = this;
    if (current?.active) {
      await this.#client.leave(current.roomId);
    } else if (state.tickets.length > 0) {
      await this.#client.leaveQueue();
      this.#say('You left the queue.');
    } else this.#say('There is nothing to leave. /quit ends the program.', 'warning');
  }

  async #respond(accept: boolean): Promise<undefined> {
    const offer = this.state.tickets.find((ticket) => ticket.offer)?.offer;
    if (!offer) return this.#say('There is no match to answer right now.', 'warning');
    await this.#client.respond(offer.offerId, accept);
    if (!accept) return this.#say('Declined.');
    // Whoever answers last is in the conversation already.
    const stands = this.state.tickets.some((ticket) => ticket.offer?.offerId === offer.offerId);
    if (stands) this.#say('Accepted; the others have yet to answer.');
  }

  async #report(rest: string): Promise<undefined> {
    const named = this.current?.partners.find(({ displayName }) => startsWithName(rest, displayName));
    const alone = this.current?.partners.length === 1 ? this.current.partners[0] : undefined;
    const partner = named ?? alone ?? this.#partner(rest.split(/\s/)[0]!);
    if (!partner) return;
    const reason = (named ? rest.slice(named.displayName.length) : alone ? rest : rest.replace(/^\S*/, '')).trim();
    await this.#client.report(this.#current!, partner.userId, reason === '' ? undefined : reason);
    this.#say(`You reported ${partner.displayName}. /block keeps them away from you.`);
  }

  /** The partner meant by the start of a name, or the only one; says what is missing when there is none. */
  #partner(start: string): Partner | undefined {
    const { current } = this;
    const partners = current?.partners ?? [];
    const names = listed(partners.map(({ displayName }) => displayName));
    const fitting = partners.filter(({ displayName }) => displayName.toLowerCase().startsWith(start.toLowerCase()));
    if (fitting.length === 1) return fitting[0];
    if (partners.length === 0) this.#say('You are not talking to anybody.', 'warning');
    else if (fitting.length === 0) this.#say(`Nobody here is called ${start}; here are ${names}.`, 'warning');
    else this.#say(`Whom do you mean: ${names}?`, 'warning');
    return undefined;
  }

  #switch(rest: string): undefined {
    const conversation = /^\d+$/.test(rest) ? this.#conversations[Number(rest) - 1] : undefined;
    if (!conversation) return this.#say(`Which one? ${this.#rooms()}`, 'warning');
    this.#show(conversation.roomId);
  }

  #rename(name: string): undefined {
    if (name === '') return this.#say(`You are ${this.#name ?? 'nobody yet'}. /name NAME changes it.`);
    this.#name = name;
    this.#say(`From your next conversation on you are ${name}.`);
  }

  #named(): boolean {
    if (this.#name === undefined)
      this.#say('Type a name first, and press Enter: what should others call you?', 'warning');
    return this.#name !== undefined;
  }

  #rooms(): string {
    return roomList(this.#conversations, this.#current);
  }

  /** Makes lines of what has changed. */
  #follow(): void {
    this.#followLink();
    for (const { id, tone, text } of this.state.notices) {
      // Dismissing calls back here.
      if (!this.#isNew(`notice ${id}`)) continue;
      this.#say(text, tone);
      this.#client.dismiss(id);
    }
    this.#followTickets();
    for (const conversation of this.#conversations) this.#meet(conversation);
    if (this.#current !== undefined && !this.current) this.#current = undefined;
    if (this.current) this.#read(this.current);
    this.#changed();
  }

  #followLink(): void {
    const { link } = this.state;
    if (link.state === this.#link) return;
    if (link.state === 'refused') this.#say(`${sentence(link.why)} Enter tries again, /quit ends.`, 'error');
    if (link.state === 'reconnecting') this.#say(`${sentence(link.why)} Trying again.`, 'warning');
    if (link.state === 'online' && ['reconnecting', 'refused'].includes(this.#link)) this.#say('Connected again.');
    if (link.state !== 'connecting') this.#link = link.state;
  }

  #followTickets(): void {
    for (const ticket of this.state.tickets) {
      if (!this.#isNew(ticket.ticketId)) continue;
      this.#say(`Looking for somebody ${placeOf(ticket)}. /leave gives up.`);
    }
    const ticket = this.state.tickets.find(({ offer }) => offer);
    if (ticket?.offer?.offerId !== this.#offered) this.#followOffer(ticket);
  }

  #followOffer(ticket: Ticket | undefined): void {
    this.#offered = ticket?.offer?.offerId;
    if (!ticket?.offer) return;
    const { expiresAt, reasons } = ticket.offer;
    const seconds = Math.max(0, Math.round((expiresAt - this.#now) / 1000));
    const why = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
    this.#say(`A match in ${ticket.pool}${why}: /accept or /decline it within ${seconds} s.`);
  }

  /** Goes to a conversation that is new, unless one is in the middle of another. */
  #meet(conversation: Conversation): void {
    if (!this.#isNew(conversation.roomId)) return;
    if (this.#joining || !this.current?.active) this.#show(conversation.roomId);
    else
      this.#say(`${titleOf(conversation)} is here as well: /switch ${this.#conversations.indexOf(conversation) + 1}`);
  }

  #show(roomId: string): undefined {
    const before = this.current;
    if (before?.roomId === roomId) return;
    this.#current = roomId;
    const current = this.current!;
    if (this.#reader.knows(roomId)) this.#say(`Now with ${titleOf(current)}:`);
    if (before && !before.active) {
      this.#reader.forget(before.roomId);
      this.#client.close(before.roomId);
    }
    this.#read(current);
  }

  #read(conversation: Conversation): void {
    for (const entry of this.#reader.news(conversation)) this.#tell(entry, conversation);
    if (conversation.unread > 0) this.#client.markRead(conversation.roomId);
  }

  #tell(entry: Entry, conversation: Conversation): void {
    const { at } = entry;
    if (entry.kind === 'happening') {
      const isEnd = entry.what !== 'opened' && !conversation.active;
      const next = isEnd ? ' /next finds somebody else.' : '';
      return this.#say(happened(entry, conversation) + next, 'info', at);
    }
    const { text, mine, delivery, failure, sender } = entry;
    if (!mine) {
      const who = { userId: sender?.userId ?? '', name: oneLine(sender?.displayName ?? '?') };
      return this.#add({ at, tone: 'message', who, text });
    }
    this.#add({ at, tone: delivery === 'failed' ? 'failed' : 'sent', text });
    if (delivery === 'failed') this.#say(`Not sent: ${failure ?? 'the service refused it.'}`, 'error');
  }

  #isNew(id: string): boolean {
    return !this.#known.has(id) && this.#known.add(id) !== undefined;
  }

  get #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #say(text: string, tone: Line['tone'] = 'info', at = this.#now): undefined {
    this.#add({ at, tone, text });
  }

  #add({ text, ...line }: Omit<Line, 'key'>): void {
    this.#lines = [...this.#lines, { ...line, text: printable(text), key: this.#lines.length }];
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Commands that do without the service. */
const LOCAL: ReadonlySet<CommandName> = new Set(['rooms', 'switch', 'name', 'status', 'help', 'quit']);

const startsWithName = (text: string, name: string) =>
  text.toLowerCase().startsWith(name.toLowerCase()) && /^(\s|$)/.test(text.slice(name.length));
