import type { CallFigures, SessionStore, SseStreams } from '../../mcp-transport/index.js';
import type { NotificationsService } from '../../notifications/index.js';
import { byLabel, type Family, histogramSamples } from '../family.js';
import type { HttpFigures } from '../http-figures.js';

interface Sources {
  readonly http: HttpFigures;
  readonly calls: CallFigures;
  readonly sessions: SessionStore;
  readonly streams: SseStreams;
  readonly notifications: NotificationsService;
}

/** What comes in, and what is open. */
export function transportFamilies({ http, calls, sessions, streams, notifications }: Sources): Family[] {
  return [
    {
      name: 'parley_http_requests_total',
      help: 'HTTP requests that came in, by method and route.',
      type: 'counter',
      read: () =>
        [...http.routes].map(({ method, route, requests }) => ({ labels: { method, route }, value: requests })),
    },
    {
      name: 'parley_http_responses_total',
      help: 'HTTP responses sent whole, by method, route and status; one that its client left early is not among them.',
      type: 'counter',
      read: () =>
        [...http.routes].flatMap(({ method, route, responses }) =>
          [...responses].map(([status, value]) => ({ labels: { method, route, status: `${status}` }, value })),
        ),
    },
    {
      name: 'parley_mcp_requests_total',
      help: 'MCP requests by method, as far as the server knows it.',
      type: 'counter',
      read: () => byLabel('method', calls.methods),
    },
    {
      name: 'parley_tool_calls_total',
      help: 'Calls of tools by outcome: ok, refused by the protocol, or the code of the failure.',
      type: 'counter',
      read: () =>
        [...calls.tools].flatMap(([tool, { outcomes }]) =>
          [...outcomes].map(([outcome, value]) => ({ labels: { tool, outcome }, value })),
        ),
    },
    {
      name: 'parley_tool_call_duration_seconds',
      help: 'How long calls of tools took; those that wait take as long as they wait.',
      type: 'histogram',
      read: () =>
        [...calls.tools].flatMap(([tool, { durations }]) =>
          histogramSamples('parley_tool_call_duration_seconds', { tool }, durations),
        ),
    },
    {
      name: 'parley_limits_hit_total',
      help: 'Calls of tools that a limit or a rate refused.',
      type: 'counter',
      read: () => byLabel('limit', limitsHit(calls)),
    },
    {
      name: 'parley_sessions',
      help: 'Sessions open at this instance.',
      type: 'gauge',
      read: () => [{ value: sessions.size }],
    },
    {
      name: 'parley_sessions_evicted_total',
      help: 'Sessions closed to make room for others (SESSIONS_MAX).',
      type: 'counter',
      read: () => [{ value: sessions.evicted }],
    },
    {
      name: 'parley_streams',
      help: 'Event streams open at this instance.',
      type: 'gauge',
      read: () => [{ value: streams.counts.open }],
    },
    {
      name: 'parley_streams_cut_total',
      help: 'Event streams cut because their reader was too slow.',
      type: 'counter',
      read: () => [{ value: streams.counts.cut }],
    },
    {
      name: 'parley_waits',
      help: 'Long polls under way at this instance.',
      type: 'gauge',
      read: () => [{ value: notifications.counts.waits }],
    },
    {
      name: 'parley_participants_listening',
      help: 'Participants with a stream, a long poll or a subscription at this instance.',
      type: 'gauge',
      read: () => [{ value: notifications.counts.listening }],
    },
  ];
}

function limitsHit({ tools }: CallFigures): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { outcomes } of tools.values()) {
    for (const [code, count] of outcomes) {
      if (code === 'rate_limited' || code.startsWith('too_many_')) limits.set(code, (limits.get(code) ?? 0) + count);
    }
  }
  return limits;
}
