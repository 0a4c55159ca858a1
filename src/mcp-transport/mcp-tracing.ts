import { Injectable } from '@nestjs/common';
import {
  type Attributes,
  context,
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { ChatError } from '../domain/errors.js';
import type { Awaitable } from '../ports/awaitable.js';
import type { CallContext } from './call-context.js';
import { RpcError, SERVER_INFO } from './protocol.js';

/** What a request is about, where only few things come into question: the tool or the prompt. */
export interface Target {
  readonly attribute: 'gen_ai.tool.name' | 'gen_ai.prompt.name';
  readonly name: string;
}

type Outcome = { readonly isError?: boolean } | undefined;

/**
 * A span for each MCP request, named and described as OpenTelemetry's semantic conventions for MCP have it, without what
 * was said, tokens or session ids. Off, and then free of cost, unless an OpenTelemetry SDK was set up before the service
 * began.
 */
@Injectable()
export class McpTracing {
  readonly #tracer = tracerThatIsHeard();

  get isOn(): boolean {
    return this.#tracer !== undefined;
  }

  /** Does it within a span whose parent the caller names: in `_meta` (`traceparent`, W3C Trace Context), else by headers. */
  trace<T extends Outcome>(
    method: string,
    target: Target | undefined,
    call: CallContext,
    handle: () => Awaitable<T>,
  ): Awaitable<T> {
    if (!this.#tracer) return handle();
    const attributes: Attributes = {
      'mcp.method.name': method,
      'mcp.protocol.version': call.revision,
      'jsonrpc.request.id': String(call.id).slice(0, 100),
      'network.protocol.name': 'http',
      'network.transport': 'tcp',
    };
    if (target) attributes[target.attribute] = target.name;
    const ambient = trace.getSpanContext(context.active());
    const fromMeta = typeof call.meta['traceparent'] === 'string';
    const parent = fromMeta
      ? propagation.extract(ROOT_CONTEXT, call.meta)
      : ambient
        ? context.active()
        : propagation.extract(ROOT_CONTEXT, call.exchange.request.headers);
    // The request's own HTTP span, where somebody makes those, is not the parent but goes with it.
    const links = fromMeta && ambient ? [{ context: ambient }] : [];
    const span = this.#tracer.startSpan(
      target ? `${method} ${target.name}` : method,
      { kind: SpanKind.SERVER, attributes, links },
      parent,
    );
    return context.with(trace.setSpan(parent, span), () => this.#within(span, handle));
  }

  async #within<T extends Outcome>(span: Span, handle: () => Awaitable<T>): Promise<T> {
    try {
      const reply = await handle();
      if (reply?.isError) failed(span, 'tool_error');
      return reply;
    } catch (error) {
      if (error instanceof RpcError) span.setAttribute('rpc.response.status_code', String(error.code));
      failed(span, typeOf(error));
      throw error;
    } finally {
      span.end();
    }
  }
}

/** Undefined when nobody has set up an SDK that would take its spans. */
function tracerThatIsHeard(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  const { name, version } = SERVER_INFO;
  if (provider instanceof ProxyTracerProvider && !provider.getDelegateTracer(name, version)) return undefined;
  return provider.getTracer(name, version);
}

function failed(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function typeOf(error: unknown): string {
  if (error instanceof RpcError || error instanceof ChatError) return String(error.code);
  return error instanceof Error ? error.name : '_OTHER';
}
