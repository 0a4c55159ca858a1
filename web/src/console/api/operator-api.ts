import type {
  AuditPage,
  Case,
  CasePage,
  DecisionList,
  Figures,
  Instances,
  Overview,
  Participant,
  ParticipantList,
  PoolDetail,
  PoolList,
  Room,
  RoomPage,
  Sanction,
  SanctionPage,
  TicketPage,
  Transcript,
  WebhookPage,
} from './answers.js';
import { Problem, problemOf } from './problem.js';

/** How long an answer may take, in milliseconds. */
const PATIENCE_MS = 15_000;

type Query = Readonly<Record<string, string | number | undefined>>;

export interface PoolChange {
  readonly mode?: 'open' | 'paused' | 'draining';
  readonly strategy?: string | null;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface NewSanction {
  readonly kind: 'ban' | 'mute';
  readonly user_id?: string;
  readonly principal?: string;
  readonly reason: string;
  /** RFC 3339; left out: until it is lifted. */
  readonly until?: string;
}

/** The operator API, as whoever the token stands for. Every method throws `Problem`. */
export class OperatorApi {
  readonly #base: URL;

  /** @param onRefused called when the token is good for nothing any more */
  constructor(
    private readonly token: string,
    private readonly onRefused: () => void,
    page: string,
  ) {
    this.#base = new URL('admin/', page);
  }

  readonly overview = () => this.#get<Overview>('overview');
  readonly figures = (since: number) => this.#get<Figures>('figures', { since });
  readonly pools = () => this.#get<PoolList>('pools');
  readonly pool = (name: string) => this.#get<PoolDetail>(`pools/${part(name)}`);
  readonly changePool = (name: string, change: PoolChange) => this.#send('PATCH', `pools/${part(name)}`, change);
  readonly tickets = (pool: string, after?: string) => this.#get<TicketPage>(`pools/${part(pool)}/tickets`, { after });
  readonly cancelTicket = (id: string) => this.#send('DELETE', `tickets/${part(id)}`);
  readonly moveTicket = (id: string, pool: string) => this.#send('POST', `tickets/${part(id)}/move`, { pool });
  readonly decisions = () => this.#get<DecisionList>('decisions', { limit: 7 });
  readonly rooms = (pool?: string, after?: string) => this.#get<RoomPage>('rooms', { pool, after });
  readonly room = (id: string) => this.#get<Room>(`rooms/${part(id)}`);
  readonly closeRoom = (id: string) => this.#send('DELETE', `rooms/${part(id)}`);
  readonly transcript = (id: string, before?: number) =>
    this.#get<Transcript>(`rooms/${part(id)}/transcript`, { before });
  readonly watch = (id: string) => this.#send('PUT', `rooms/${part(id)}/watch`);
  readonly unwatch = (id: string) => this.#send('DELETE', `rooms/${part(id)}/watch`);
  readonly participant = (id: string) => this.#get<Participant>(`participants/${part(id)}`);
  readonly participantsOf = (principal: string) => this.#get<ParticipantList>('participants', { principal });
  readonly disconnect = (id: string) => this.#send('POST', `participants/${part(id)}/disconnect`);
  readonly sanctions = (after?: string) => this.#get<SanctionPage>('sanctions', { after });
  readonly impose = (sanction: NewSanction) => this.#send<Sanction>('POST', 'sanctions', sanction);
  readonly lift = (id: string) => this.#send('DELETE', `sanctions/${part(id)}`);
  readonly cases = (state?: Case['state'], after?: string) => this.#get<CasePage>('cases', { state, after });
  readonly case = (id: string) => this.#get<Case>(`cases/${part(id)}`);
  readonly resolve = (id: string, note: string) => this.#send('POST', `cases/${part(id)}/resolve`, { note });
  readonly instances = () => this.#get<Instances>('instances');
  readonly drain = (id: string) => this.#send('POST', `instances/${part(id)}/drain`);
  readonly webhooks = (after?: string) => this.#get<WebhookPage>('webhooks', { after });
  readonly endWebhook = (id: string) => this.#send('DELETE', `webhooks/${part(id)}`);
  readonly audit = (query: Query) => this.#get<AuditPage>('audit', query);

  #get<T>(path: string, query: Query = {}): Promise<T> {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
    }
    return this.#ask<T>(url, {});
  }

  #send<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const json = body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    return this.#ask<T>(new URL(path, this.#base), { method, ...json });
  }

  async #ask<T>(url: URL, init: RequestInit): Promise<T> {
    let response: Response;
    try {
      response = await fetch(url, {
        ...init,
        headers: { ...init.headers, Accept: 'application/json', Authorization: `Bearer ${this.token}` },
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      throw new Problem(0, 'The server cannot be reached.');
    }
    if (response.status === 401) this.onRefused();
    if (!response.ok) throw await problemOf(response);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }
}

const part = encodeURIComponent;
