import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Type } from '@nestjs/common';
import type { Actor } from '../moderation/index.js';
import type { Awaitable } from '../ports/awaitable.js';
import type { Scope } from '../ports/identity-verifier.js';
import type { Schema } from './schema.js';

/** The names of the parameters of a path such as `/pools/:pool`. */
export type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamsOf<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** A request by somebody who may make it, checked. */
export interface Call<Params extends string = string, Query = object, Body = object> {
  readonly actor: Actor;
  readonly params: Readonly<Record<Params, string>>;
  readonly query: Query;
  readonly body: Body;
}

/** One thing that operators can do. Routes, checks, OpenAPI and the matrix of who may all come from it. */
export interface Route<
  Path extends string = string,
  Query extends object = object,
  Body extends object = object,
  A = unknown,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/admin`, with `:name` for parameters. */
  readonly path: Path;
  /** What the caller must be allowed; who may `parley:admin` may `parley:moderate`, too. */
  readonly scope: Extract<Scope, 'parley:moderate' | 'parley:admin'>;
  /** A few words, for the document. */
  readonly summary: string;
  readonly description?: string;
  readonly query?: Type<Query>;
  readonly body?: Type<Body>;
  /** 200 by default. */
  readonly status?: 200 | 201 | 202;
  readonly answer: Schema<A>;
  /** Codes of what may be refused besides wrong input and callers, for the document. */
  readonly refusals?: readonly string[];
  /** Answers instead when the request is for another instance; its body has not been read. */
  elsewhere?(
    params: Readonly<Record<ParamsOf<Path>, string>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<boolean>;
  handle(call: Call<ParamsOf<Path>, Query, Body>): Awaitable<A>;
}

/** Routes that belong together. */
export interface RouteGroup {
  /** What they are about, for the document. */
  readonly tag: string;
  readonly routes: readonly Route[];
}

/** Checks a route against its types, and forgets them. */
export const route = <const Path extends string, Query extends object, Body extends object, A>(
  it: Route<Path, Query, Body, A>,
): Route => it;
