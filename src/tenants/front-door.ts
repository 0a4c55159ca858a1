import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { AccessDenied, AuthService, bearerOf, WELL_KNOWN } from '../auth/index.js';
import { ParleyConfig } from '../config/index.js';
import { Code, deniedError, Door, errorJson, HttpExchange, RpcError } from '../mcp-transport/index.js';
import type { Identity } from '../ports/identity-verifier.js';
import type { Tenant } from './tenant.js';
import { TenantsService } from './tenants.service.js';

/** Headers that the answer to a browser must carry, if any. */
type Cors = ReturnType<Door['admit']>;

/** `/t/acme/mcp?x` in its parts: the tenant, and what comes after it. */
const PLACE = /^\/t\/([^/?]+)(\/[^?]*)?(\?.*)?$/;

/** Finds the tenant that a request is for, and lets it have no more of them than it may. */
@Injectable()
export class FrontDoor {
  readonly #logger = new Logger('Front');
  readonly #door: Door;

  constructor(
    private readonly tenants: TenantsService,
    private readonly auth: AuthService,
    @Inject(ParleyConfig) config: ParleyConfig,
  ) {
    this.#door = new Door(config);
  }

  /** Serves a request below a tenant's path. @returns false when there is no such tenant */
  byPath(request: IncomingMessage, response: ServerResponse): boolean {
    const [, name, path, query = ''] = PLACE.exec(request.url ?? '') ?? [];
    const tenant = name === undefined ? undefined : this.tenants.get(name);
    if (!tenant) return false;
    // What is at its root is named relative to that.
    if (path === undefined) response.writeHead(308, { Location: `${name}/${query}`, 'Content-Length': 0 }).end();
    else this.#serve(tenant, request, response, path + query);
    return true;
  }

  /** Serves the metadata of a tenant's endpoint. @returns false when there is no such tenant */
  metadata(request: IncomingMessage, response: ServerResponse): boolean {
    const [, name = ''] = PLACE.exec(request.url!.slice(WELL_KNOWN.length)) ?? [];
    const tenant = this.tenants.get(name);
    tenant?.serve(request, response, request.url!);
    return tenant !== undefined;
  }

  /** Serves a request to the one endpoint of all tenants, for the tenant that its token names. */
  async byClaim(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let cors: Cors;
    try {
      cors = this.#door.admit(request);
      // Whose a preflight is nobody can tell, and nothing depends on it.
      if (request.method === 'OPTIONS') return this.tenants.any.serve(request, response, request.url!);
      const tenant = await this.#claimed(request);
      if (!response.destroyed) this.#serve(tenant, request, response, request.url!);
    } catch (error) {
      this.#refuse(new HttpExchange(request, response, cors), error);
    }
  }

  /** @throws AccessDenied */
  async #claimed(request: IncomingMessage): Promise<Tenant> {
    const granting = this.auth.authenticate(request);
    const identity = (granting instanceof Promise ? await granting : granting)?.identity;
    const tenant = this.tenants.get(identity?.tenant ?? '');
    if (tenant && granting instanceof Promise) this.#handOver(request, identity!);
    if (tenant) return tenant;
    throw new AccessDenied(403, 'The token names no tenant of this service');
  }

  /** What has just been verified here. */
  #handOver(request: IncomingMessage, identity: Identity): void {
    const bearer = bearerOf(request);
    if ('token' in bearer) this.tenants.handover.give(bearer.token, identity);
  }

  #serve(tenant: Tenant, request: IncomingMessage, response: ServerResponse, url: string): void {
    const wait = tenant.admit();
    if (wait === 0) return tenant.serve(request, response, url);
    let cors: Cors;
    try {
      cors = this.#door.admit(request);
      throw tooMany(tenant.settings.requestRate.burst, wait);
    } catch (error) {
      this.#refuse(new HttpExchange(request, response, cors), error);
    }
  }

  #refuse(exchange: HttpExchange, error: unknown): void {
    const rpc = error instanceof AccessDenied ? deniedError(error) : error;
    if (rpc instanceof RpcError) {
      const headers = { 'X-Request-Id': exchange.requestId, ...rpc.headers };
      return exchange.answer(rpc.httpStatus, errorJson(null, rpc), headers);
    }
    const request_id = exchange.requestId;
    this.#logger.error({ msg: 'request failed', request_id, error: (error as Error).stack ?? String(error) });
    exchange.answer(500, errorJson(null, new RpcError(Code.InternalError, 'Internal error', { request_id })));
  }
}

const tooMany = (limit: number, waitMs: number) =>
  new RpcError(Code.LimitReached, `Limit reached: ${limit} requests per second`, { limit, retryable: true }, 429, {
    'Retry-After': String(Math.ceil(waitMs / 1_000)),
  });
