import { Authority } from '../../support/authority.js';
import { Receiver, SECRET } from '../../support/receiver.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { type Json, StatelessPeer, structured } from '../http/wire.js';

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** What a request to `/admin` says besides its route. */
export interface Wish {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

/** Two people in a room of the pool `default`. */
export interface Talk {
  readonly roomId: string;
  readonly ann: StatelessPeer;
  readonly annId: string;
  readonly benId: string;
  readonly annPrincipal: string;
}

const POOLS = '[{"name":"default","supervision":true},{"name":"quiet"},{"name":"mentors"}]';

/** A service that knows who people are, and what there is to operate on. */
export class World {
  #people = 0;

  private constructor(
    readonly authority: Authority,
    readonly receiver: Receiver,
    readonly server: TestServer,
  ) {}

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<World> {
    const [authority, receiver] = [await Authority.start(), await Receiver.start()];
    const features = { POOLS, WEBHOOKS_ALLOW_LOOPBACK: 'true' };
    const server = await startTestServer({ environment: { ...authority.jwt, ...features, ...environment } });
    return new World(authority, receiver, server);
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.receiver.close();
    await this.authority.close();
  }

  /** A token of an operator, or of somebody who would like to be one. */
  operator(sub: string, scope: string): Promise<string> {
    return this.authority.token(sub, { scope });
  }

  async ask(route: string, { params = {}, query = {}, body }: Wish = {}, token?: string): Promise<Said> {
    const [method, path] = route.split(' ') as [string, string];
    const url = new URL(
      `/admin${path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name]!))}`,
      this.server.url,
    );
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const response = await fetch(url, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  }

  async talk(): Promise<Talk> {
    const [ann, ben] = [await this.#peer(), await this.#peer()];
    await ann.peer.call('enter_queue', { display_name: 'Ann' });
    const found = structured(await ben.peer.call('enter_queue', { display_name: 'Ben' }));
    const annId = structured(await ann.peer.call('get_status'))['user_id'] as string;
    const roomId = found['room_id'] as string;
    await ann.peer.call('send_message', { room_id: roomId, message: 'hello' });
    return {
      roomId,
      ann: ann.peer,
      annId,
      benId: found['user_id'] as string,
      annPrincipal: `${this.authority.issuer}#${ann.sub}`,
    };
  }

  /** The id of a ticket that waits. */
  async ticket(pool = 'quiet'): Promise<string> {
    const { peer } = await this.#peer();
    // Nobody is matched with so many others.
    return structured(await peer.call('enter_queue', { pool, group_size: 16 }))['ticket_id'] as string;
  }

  /** A room that has been reported, and the id of the case. */
  async report(token: string): Promise<Talk & { readonly caseId: string }> {
    const talk = await this.talk();
    await talk.ann.call('report_participant', { room_id: talk.roomId, user_id: talk.benId, reason: 'rude' });
    const { body } = await this.ask('GET /cases', { query: { limit: '1' } }, token);
    return { ...talk, caseId: (body['cases'] as Json[])[0]!['id'] as string };
  }

  /** The id of a mute in force. */
  async mute(token: string): Promise<string> {
    const { annId } = await this.talk();
    const body = { kind: 'mute', user_id: annId, reason: 'too loud' };
    return (await this.ask('POST /sanctions', { body }, token)).body['id'] as string;
  }

  /** The id of a webhook subscription. */
  async webhook(): Promise<string> {
    const { roomId, ann } = await this.talk();
    const answer = await ann.rpc('events/subscribe', {
      name: 'message.received',
      arguments: { room_id: roomId },
      delivery: { mode: 'webhook', url: `${this.receiver.url('/hook')}?key=secret`, secret: SECRET },
    });
    return (JSON.parse(answer.text) as { result: { id: string } }).result.id;
  }

  /** Everything below `/admin` that the HTTP server knows, as `GET /pools`. */
  get registered(): string[] {
    const fastify = this.server.app.getHttpAdapter().getInstance();
    const found: string[] = [];
    const path: string[] = [];
    for (const line of fastify.printRoutes({ commonPrefix: false }).split('\n')) {
      const [, indent, part, methods] = /^((?:[│ ] {3})*)[├└]── (\S*)(?: \((.*)\))?$/.exec(line) ?? [];
      if (part === undefined) continue;
      path.splice(indent!.length / 4);
      path.push(part);
      const url = path.join('');
      if (!url.startsWith('/admin') || methods === undefined) continue;
      for (const method of methods.split(', ')) found.push(`${method} ${url.slice('/admin'.length)}`);
    }
    return found.sort();
  }

  async #peer(): Promise<{ peer: StatelessPeer; sub: string }> {
    const sub = `person-${++this.#people}`;
    return { peer: new StatelessPeer(this.server.url, await this.authority.token(sub)), sub };
  }
}
