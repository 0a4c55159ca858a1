import { readFileSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import { connectV1, connectV2 } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { type Exposition, parseExposition, valueOf } from '../support/prometheus.js';
import { until } from '../support/until.js';
import { send } from './http/wire.js';

jest.setTimeout(60_000);

const TOKEN = 'a-token-for-scrapers';

describe('the metrics', () => {
  const parley = useParley();
  const url = () => new URL('/metrics', parley.server.url);
  const scrape = async (): Promise<Exposition> => {
    const response = await fetch(url());
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    return parseExposition(await response.text());
  };

  it('tell of a conversation from its beginning to its end', async () => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 3, MESSAGE_RATE_SECONDS: 3600 } });
    const before = await scrape();
    const { ann, ben, roomId } = await parley.pair(connectV1, connectV2);
    for (let i = 0; i < 3; i++) await ann.say(roomId, `message ${i}`);
    await ann.refused('send_message', { room_id: roomId, message: 'one too many' });
    await ben.ok('wait_for_message', { cursor: ben.cursor, timeout_seconds: 1 });
    const zoe = await parley.client(connectV2);
    await zoe.enter({ display_name: 'Zoe' });
    const after = await scrape();
    const grown = (series: string) => valueOf(after, series) - valueOf(before, series);

    expect(grown('parley_messages_total')).toBe(3);
    expect(grown('parley_participants_created_total')).toBe(3);
    expect(grown('parley_tickets_total{pool="default"}')).toBe(3);
    expect(grown('parley_matches_total{pool="default"}')).toBe(1);
    expect(grown('parley_rooms_opened_total{kind="match"}')).toBe(1);
    expect(grown('parley_rooms_opened_total{kind="named"}')).toBe(0);
    expect(grown('parley_match_wait_seconds_count{pool="default"}')).toBe(2);
    expect(grown('parley_tool_calls_total{outcome="ok",tool="send_message"}')).toBe(3);
    expect(grown('parley_tool_calls_total{outcome="rate_limited",tool="send_message"}')).toBe(1);
    expect(grown('parley_tool_call_duration_seconds_count{tool="send_message"}')).toBe(4);
    expect(grown('parley_limits_hit_total{limit="rate_limited"}')).toBe(1);
    expect(grown('parley_mcp_requests_total{method="tools/call"}')).toBeGreaterThanOrEqual(8);
    expect(grown('parley_state_steps_total{outcome="ok",step="post"}')).toBe(3);
    expect(grown('parley_state_steps_total{outcome="refused",step="post"}')).toBe(1);
    expect(grown('parley_strategy_runs_total{pool="default",role="live",strategy="fifo"}')).toBe(3);
    expect(grown('parley_http_responses_total{method="GET",route="/metrics",status="200"}')).toBe(1);
    expect(grown('parley_http_requests_total{method="POST",route="/mcp"}')).toBeGreaterThanOrEqual(8);
    expect(valueOf(after, 'parley_queue_tickets{pool="default"}')).toBe(1);
    expect(valueOf(after, 'parley_sessions')).toBe(1);
    expect(valueOf(after, 'parley_streams')).toBeGreaterThanOrEqual(1);
    expect(valueOf(after, 'parley_state_reachable')).toBe(1);
  });

  it('tell of who waits at the moment, and for how long', async () => {
    await parley.start();
    const ann = await parley.client(connectV2);
    await ann.enter({ display_name: 'Ann' });
    await until(
      'her ticket to grow old',
      async () => valueOf(await scrape(), 'parley_queue_oldest_seconds{pool="default"}') > 0.2,
    );
    const waiting = ann.ok('wait_for_message', { cursor: ann.cursor, timeout_seconds: 5 });
    await parley.server.waiting(1);
    expect(valueOf(await scrape(), 'parley_waits')).toBe(1);
    await ann.ok('leave_queue');
    await (await parley.client(connectV1)).enter({ display_name: 'Ben' });
    await ann.enter({ display_name: 'Ann' });
    await waiting;
    await until('the wait to end', async () => valueOf(await scrape(), 'parley_waits') === 0);
    expect(valueOf(await scrape(), 'parley_queue_oldest_seconds{pool="default"}')).toBe(0);
  });

  it('tell of named rooms and of matches that had to be accepted', async () => {
    await parley.start({ environment: { POOLS: '[{"name":"default","accept_seconds":60}]' } });
    const [ann, ben] = await Promise.all([parley.client(connectV2), parley.client(connectV2)]);
    await ann.enter({ display_name: 'Ann' });
    await ben.enter({ display_name: 'Ben' });
    expect(valueOf(await scrape(), 'parley_matches_total{pool="default"}')).toBe(0);
    await ann.ok('respond_to_match', { accept: true });
    await ben.ok('respond_to_match', { accept: true });
    await ann.ok('join_room', { room_name: 'lobby' });
    const after = await scrape();
    expect(valueOf(after, 'parley_matches_total{pool="default"}')).toBe(1);
    expect(valueOf(after, 'parley_match_wait_seconds_count{pool="default"}')).toBe(2);
    expect(valueOf(after, 'parley_rooms_opened_total{kind="named"}')).toBe(1);
    expect(valueOf(after, 'parley_rooms_opened_total{kind="match"}')).toBe(1);
  });

  it('grow no labels by what callers make up', async () => {
    await parley.start();
    const ann = await parley.client(connectV2);
    await ann.enter({ display_name: 'Ann' });
    const before = await scrape();
    await Promise.allSettled([
      ann.call('no_such_tool', {}),
      ann.call('enter_queue', { pool: 'made-up-pool' }),
      ann.call('join_room', { room_name: 'made-up-room' }),
      send(new URL('/made-up-path', parley.server.url), 'GET'),
      send(new URL('/mcp?made-up', parley.server.url), 'PROPFIND'),
    ]);
    const text = await (await fetch(url())).text();
    expect(text).not.toMatch(/made-up|no_such_tool|PROPFIND|Ann/);
    expect(parseExposition(text).size).toBe(before.size);
  });

  it('are all documented, and no others', async () => {
    await parley.start({ environment: { POOLS: '[{"name":"mentors"}]' } });
    const documented = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const named = [...documented.matchAll(/^\| `(parley_\w+)/gm)].map(([, name]) => name);
    const exposed = [...(await scrape()).keys()];
    expect(exposed.filter((name) => !name.startsWith('parley_')).length).toBeGreaterThan(20);
    expect(exposed.filter((name) => name.startsWith('parley_')).sort()).toEqual([...named].sort());
    expect(exposed).toEqual(expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds']));
  });

  it('are told on this machine only, unless there is a token', async () => {
    await parley.start();
    const status = async (headers: Record<string, string>) => (await send(url(), 'GET', headers)).status;
    expect(await status({})).toBe(200);
    expect(await status({ Host: 'parley.example.org' })).toBe(403);
    expect(await status({ 'X-Forwarded-For': '203.0.113.7' })).toBe(403);
    expect(await status({ Authorization: `Bearer ${TOKEN}` })).toBe(200);
  });

  it('are told to whoever shows the token, and to nobody else', async () => {
    await parley.start({ environment: { METRICS_TOKEN: TOKEN } });
    const answer = (headers: Record<string, string>) => send(url(), 'GET', headers);
    const bare = await answer({});
    expect([bare.status, bare.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect((await answer({ Authorization: `Bearer ${TOKEN}x` })).status).toBe(401);
    expect((await answer({ Authorization: `Basic ${TOKEN}` })).status).toBe(401);
    expect((await answer({ Authorization: `Bearer ${TOKEN}`, Host: 'parley.example.org' })).status).toBe(200);
  });

  it('can be switched off', async () => {
    await parley.start({ environment: { METRICS: 'false' } });
    expect((await fetch(url())).status).toBe(404);
  });
});
