import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { invalidArguments, isRefusal, participantNotFound } from '../domain/errors.js';
import {
  ATTRIBUTE_ITEMS_MAX,
  ATTRIBUTE_NAME,
  ATTRIBUTE_VALUE_MAX,
  type Attributes,
  type Participant,
} from '../domain/participant.js';
import { requireLabel, requireStorable } from '../domain/text.js';
import { CaseDesk, ModerationGate, type Passed } from '../moderation/index.js';
import { NotificationsService } from '../notifications/index.js';
import { Clock } from '../ports/clock.js';
import type { Identity } from '../ports/identity-verifier.js';
import { Ids } from '../ports/ids.js';
import type { Awaitable } from '../ports/awaitable.js';
import { type Commit, StateStore } from '../ports/state-store.js';
import { ResolvedTokens } from './resolved-tokens.js';

/** Bytes of a participant token and of an event log's id. */
const TOKEN_BYTES = 32;
const LOG_ID_BYTES = 16;
/** Who has no name. */
const NOBODY = 'Anonymous';
/** How many attributes a participant may have. */
const ATTRIBUTES_MAX = 32;

export interface Profile {
  readonly displayName?: string;
  /** As the caller sent it; checked here. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** What is known for certain of whoever a participant belongs to. */
export type Certain = Pick<Identity, 'attributes' | 'displayName'>;

/** Who may act as whom. A participant token is a capability: it is handed out once and only its digest is kept. */
@Injectable()
export class ParticipantsService {
  readonly #resolved = new ResolvedTokens();

  constructor(
    @Inject(StateStore) private readonly state: StateStore,
    private readonly notifications: NotificationsService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    private readonly gate: ModerationGate,
    private readonly cases: CaseDesk,
  ) {}

  /** A new participant and the token that names it from now on. */
  async create(
    profile: Profile,
    principal: string | null,
    certain?: Certain | null,
  ): Promise<{ participant: Participant; token: string }> {
    const token = `pt_${this.ids.secret(TOKEN_BYTES)}`;
    return { participant: await this.#create(profile, principal, certain, digest(token)), token };
  }

  /** The participant that a principal itself names, without a token; created if there is none. */
  createOwn(profile: Profile, principal: string, certain?: Certain | null): Promise<Participant> {
    return this.#create(profile, principal, certain, null);
  }

  /** The id of the participant that a principal itself names, if it has one. */
  own(principal: string): Awaitable<string | undefined> {
    return this.state.findParticipant(null, principal);
  }

  /** The id of the participant a token names. @throws ChatError `participant_not_found` */
  resolve(token: string, principal: string | null): Awaitable<string> {
    const key = principal === null ? token : `${token} ${principal}`;
    const known = this.#resolved.find(key);
    if (known !== undefined) return known;
    const id = this.state.findParticipant(digest(token), principal);
    if (id instanceof Promise) return id.then((found) => this.#remembered(key, required(found)));
    return this.#remembered(key, required(id));
  }

  /** The participant and the head of its event log; renews its presence. */
  get(participantId: string): Awaitable<{ participant: Participant; head: number }> {
    const found = this.state.participant(participantId, this.clock.now());
    return found instanceof Promise ? found.then((commit) => this.#published(commit)) : this.#published(found);
  }

  /**
   * Changes what is given, or known for certain and new, and keeps the rest; the participant as it is then.
   * @throws ChatError `message_refused`, of a name
   */
  async update(participantId: string, profile: Profile, certain?: Certain | null): Promise<Participant> {
    const change = this.#check(profile, certain);
    if (certain && Object.keys(certain.attributes).length > 0) {
      const { attributes } = (await this.get(participantId)).participant;
      change.attributes = { ...without(change.attributes ?? attributes, certain), ...known(certain) };
    }
    const { displayName } = change;
    if (displayName === undefined && change.attributes === undefined)
      return (await this.get(participantId)).participant;
    const passed = displayName === undefined ? undefined : await this.#judge(displayName, participantId);
    if (passed) change.displayName = passed.text;
    const { participant } = this.#published(await this.state.updateProfile(participantId, change, this.clock.now()));
    this.#flag(participantId, passed);
    return participant;
  }

  /** Ends the presence lease when the last thing that kept it has gone. */
  async release(participantId: string): Promise<void> {
    if (this.notifications.streams(participantId) === 0) await this.state.release(participantId, this.clock.now());
  }

  async #create(
    profile: Profile,
    principal: string | null,
    certain: Certain | null | undefined,
    tokenDigest: string | null,
  ): Promise<Participant> {
    const { displayName = this.#nameOf(certain), attributes = {} } = this.#check(profile, certain);
    const passed = await this.#judge(displayName, undefined, profile.displayName === undefined);
    const created = await this.state.createParticipant(
      {
        id: this.ids.uuid(),
        logId: this.ids.secret(LOG_ID_BYTES),
        tokenDigest,
        principal,
        displayName: passed ? passed.text : displayName,
        attributes: { ...attributes, ...known(certain) },
        provenance: 'human_via_agent',
      },
      this.clock.now(),
    );
    this.#flag(created.id, passed);
    return created;
  }

  /**
   * What others may read of a name; undefined when nobody is to be asked.
   * @param replaceable whether one that is refused is as good as none
   */
  async #judge(text: string, participantId?: string, replaceable = false): Promise<Passed | undefined> {
    if (!this.gate.active || text === NOBODY) return undefined;
    try {
      return await this.gate.judge({ kind: 'display_name', text, participantId, roomId: undefined });
    } catch (error) {
      if (replaceable && isRefusal(error)) return { text: NOBODY, masked: true, flags: [] };
      throw error;
    }
  }

  #flag(participantId: string, passed: Passed | undefined): void {
    if (passed && passed.flags.length > 0) this.cases.flag(participantId, undefined, passed.flags);
  }

  #remembered(key: string, participantId: string): string {
    this.#resolved.remember(key, participantId);
    return participantId;
  }

  #published<T extends Commit>(commit: T): T {
    this.notifications.publish(commit.appended);
    return commit;
  }

  /** A name from a claim that is no label is as good as none. */
  #nameOf(certain: Certain | null | undefined): string {
    if (certain?.displayName === undefined) return NOBODY;
    try {
      return requireLabel('display_name', certain.displayName, this.config.displayNameMaxCharacters);
    } catch {
      return NOBODY;
    }
  }

  #check(
    { displayName, attributes }: Profile,
    certain?: Certain | null,
  ): { displayName?: string; attributes?: Attributes } {
    return {
      ...(displayName !== undefined && {
        displayName: requireLabel('display_name', displayName, this.config.displayNameMaxCharacters),
      }),
      ...(attributes !== undefined && { attributes: this.#checkAttributes(attributes, certain) }),
    };
  }

  #checkAttributes(attributes: Readonly<Record<string, unknown>>, certain?: Certain | null): Attributes {
    const entries = Object.entries(attributes);
    const taken = entries.find(([name]) => certain && Object.hasOwn(certain.attributes, name));
    if (taken) {
      throw invalidArguments(
        `attributes.${taken[0]} cannot be chosen: it comes with who you are signed in as`,
        `Leave ${taken[0]} out of attributes.`,
      );
    }
    if (entries.length > ATTRIBUTES_MAX) {
      throw invalidArguments(`attributes has ${entries.length} entries; the limit is ${ATTRIBUTES_MAX}`);
    }
    for (const [name, value] of entries) checkAttribute(name, value);
    const { attributesMaxBytes } = this.config;
    const bytes = Buffer.byteLength(JSON.stringify(attributes));
    if (attributesMaxBytes > 0 && bytes > attributesMaxBytes) {
      throw invalidArguments(`attributes is ${bytes} bytes of JSON; the limit is ${attributesMaxBytes}`);
    }
    return attributes as Attributes;
  }
}

function required(id: string | undefined): string {
  if (id === undefined) throw participantNotFound();
  return id;
}

/** The attributes that somebody certainly has. */
const known = (certain: Certain | null | undefined): Attributes =>
  Object.fromEntries(
    Object.entries(certain?.attributes ?? {}).filter(
      (entry): entry is [string, Attributes[string]] => entry[1] !== undefined,
    ),
  );

/** The attributes about which nothing is certain. */
const without = (attributes: Attributes, certain: Certain): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !Object.hasOwn(certain.attributes, name)));

const digest = (token: string) => hash('sha256', token, 'base64url');

function checkAttribute(name: string, value: unknown): void {
  if (!ATTRIBUTE_NAME.test(name)) {
    throw invalidArguments(
      `attributes has a name that is not allowed: ${JSON.stringify(name.slice(0, 64))}`,
      'Use letters, digits, "_", "." and "-", starting with a letter, at most 64 characters.',
    );
  }
  const items = Array.isArray(value) ? value : [value];
  if (items.length > ATTRIBUTE_ITEMS_MAX) {
    throw invalidArguments(`attributes.${name} has ${items.length} items; the limit is ${ATTRIBUTE_ITEMS_MAX}`);
  }
  for (const item of items) {
    const ok = typeof item === 'string' || (!Array.isArray(value) && ['number', 'boolean'].includes(typeof item));
    if (!ok) throw invalidArguments(`attributes.${name} must be text, a number, true, false or a list of texts`);
    if (typeof item !== 'string') continue;
    requireStorable(`attributes.${name}`, item);
    if (item.length > ATTRIBUTE_VALUE_MAX) {
      throw invalidArguments(`attributes.${name} holds a text longer than ${ATTRIBUTE_VALUE_MAX} characters`);
    }
  }
}
