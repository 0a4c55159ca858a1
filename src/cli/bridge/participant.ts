/** Who speaks, as a tool result said. */
export interface Held {
  readonly token: string;
  /** Where to hear from, when the result said. */
  readonly cursor?: string;
  /** Whether the bridge made this participant: then nobody else will take it up. */
  readonly made: boolean;
}

type Facts = Readonly<Record<string, unknown>>;

/** The structured content of a tool result. */
export const factsOf = (result: Facts): Facts =>
  typeof result['structuredContent'] === 'object' && result['structuredContent'] !== null
    ? (result['structuredContent'] as Facts)
    : {};

/** Whether a tool failed because the service does not know the token. */
export const isUnknownParticipant = (result: Facts): boolean =>
  result['isError'] === true && factsOf(result)['code'] === 'participant_not_found';

/** The participant that this bridge speaks as. */
export class HeldParticipant {
  #held: Held | undefined;

  constructor(
    private readonly taken: (held: Held) => void,
    private readonly lost: () => void,
  ) {}

  get current(): Held | undefined {
    return this.#held;
  }

  /**
   * Learns from a successful call: results of `enter_queue` and `join_room` name the participant; a token that the host
   * gave by itself is taken up when the result says where its events stand.
   */
  learn(result: Facts, sentToken: string | undefined): void {
    if (result['isError'] === true) return;
    const { participant_token: named, cursor } = factsOf(result);
    const token = typeof named === 'string' ? named : typeof cursor === 'string' ? sentToken : undefined;
    if (token === undefined || token === this.#held?.token) return;
    this.#held = { token, made: sentToken === undefined, ...(typeof cursor === 'string' && { cursor }) };
    this.taken(this.#held);
  }

  /** The service does not know the token any more. */
  forget(token: string): void {
    if (this.#held?.token !== token) return;
    this.#held = undefined;
    this.lost();
  }
}
