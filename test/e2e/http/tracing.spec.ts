import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SpanKind, SpanStatusCode, trace, context, propagation } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { useParley } from '../../support/parley.js';
import { ERAS, pairUp, type Peer, say } from './wire.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const OTHER = '0af7651916cd43dd8448eb211c80319c';
const traceparent = (id: string) => `00-${id}-${PARENT}-01`;
const byName = (spans: readonly ReadableSpan[], name: string) => spans.filter((span) => span.name === name);

describe.each(ERAS)('spans of requests in $era', ({ connect, era }) => {
  const parley = useParley();
  let exporter: InMemorySpanExporter;
  let provider: NodeTracerProvider;
  let peer: Peer;

  beforeEach(async () => {
    exporter = new InMemorySpanExporter();
    provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    provider.register();
    await parley.start();
    peer = await connect(parley.server.url);
    exporter.reset();
  });
  afterEach(async () => {
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  });

  const spans = () => exporter.getFinishedSpans();

  it('are named after the method and the tool, and tell nothing of what was said', async () => {
    const { roomId, first } = await pairUp(peer, await connect(parley.server.url));
    await say(peer, first, roomId, 'between us');
    await peer.rpc('tools/list', {}, 'the list');

    const [sent] = byName(spans(), 'tools/call send_message');
    expect(sent).toMatchObject({ kind: SpanKind.SERVER, status: { code: SpanStatusCode.UNSET } });
    expect(sent!.attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': era,
      'gen_ai.tool.name': 'send_message',
      'jsonrpc.request.id': expect.stringMatching(/^\d+$/),
      'network.protocol.name': 'http',
      'network.transport': 'tcp',
    });
    expect(byName(spans(), 'tools/list')[0]!.attributes).toMatchObject({ 'jsonrpc.request.id': 'the list' });
    const told = JSON.stringify(spans().map(({ name, attributes, events }) => ({ name, attributes, events })));
    expect(told).not.toMatch(/between us|pt_/);
  });

  it('go on the trace that the request’s _meta names, before one that its headers name', async () => {
    const list = (meta: object, headers: object) =>
      peer.post(peer.message('tools/list', { _meta: meta }), { ...peer.headers('tools/list'), ...headers });
    await list({ traceparent: traceparent(TRACE) }, { traceparent: traceparent(OTHER) });
    await list({}, { traceparent: traceparent(OTHER) });
    await list({ traceparent: 'nonsense' }, {});

    const [byMeta, byHeader, byNobody] = byName(spans(), 'tools/list');
    expect(byMeta!.spanContext().traceId).toBe(TRACE);
    expect(byMeta!.parentSpanContext).toMatchObject({ spanId: PARENT, isRemote: true });
    expect(byHeader!.spanContext().traceId).toBe(OTHER);
    expect(byNobody!.parentSpanContext).toBeUndefined();
  });

  it('tell failures by their code, of tools and of the protocol, and are named after nothing made up', async () => {
    await peer.call('leave_chat', { room_id: '00000000-0000-4000-8000-000000000000' });
    await peer.call('made_up_tool');

    const [failed] = byName(spans(), 'tools/call leave_chat');
    expect(failed).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'tool_error' },
    });
    const [unknown] = byName(spans(), 'tools/call');
    expect(unknown).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': '-32602', 'rpc.response.status_code': '-32602' },
    });
    expect(JSON.stringify(unknown!.attributes)).not.toContain('made_up_tool');
  });
});

describe('without an SDK', () => {
  const parley = useParley();

  it('a service set up before one was makes no spans', async () => {
    await parley.start();
    const exporter = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    provider.register();
    const peer = await ERAS[0]!.connect(parley.server.url);
    expect((await peer.rpc('ping')).status).toBe(200);
    expect(exporter.getFinishedSpans()).toEqual([]);
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  });
});
