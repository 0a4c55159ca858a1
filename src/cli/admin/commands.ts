import type { Answers } from '../../admin/index.js';
import { UsageError } from '../usage-error.js';
import { sheet, table } from './columns.js';
import { type AdminCommand, type AdminFlag, type Given, PAGED } from './command.js';
import { since, untilOf } from './durations.js';

type Listed<K extends string, T> = { readonly [P in K]: readonly T[] } & { readonly next: string | null };

const command = <A>(it: Omit<AdminCommand, 'show'> & { show(answer: A): string }): AdminCommand => it;
const id = (text: string | undefined) => encodeURIComponent(text!);
const page = ({ limit, after }: Given) => ({ limit, after });
const more = (next: string | null) => (next === null ? '' : `\n\nThere is more: --after ${next}`);
const ago = (at: string | null) => since(at, Date.now());
const names = (people: readonly { readonly display_name: string }[]) =>
  people.map(({ display_name }) => display_name).join(', ');

const poolRows = (pools: readonly Answers['pool'][]) =>
  table(
    ['POOL', 'MODE', 'STRATEGY', 'WAITING', 'LONGEST'],
    pools.map(({ pool, mode, strategy, suspended, waiting, oldest_at }) => [
      pool,
      mode,
      strategy.name + (strategy.by_operator ? ' (by an operator)' : '') + (suspended ? ' (suspended)' : ''),
      waiting,
      ago(oldest_at),
    ]),
    'There are no pools.',
  );

const ticketSheet = ({ ticket_id, pool, members, enqueued_at }: Answers['ticket']) =>
  sheet({ ticket: ticket_id, pool, who: names(members), waiting: ago(enqueued_at) });

const roomSheet = ({
  room_id,
  kind,
  name,
  active,
  members,
  former,
  last_seq,
  opened_at,
  supervised,
}: Answers['room']) =>
  sheet({
    room: room_id,
    kind,
    name,
    state: active ? 'active' : 'ended',
    members: members.map(({ user_id, display_name }) => `${display_name} (${user_id})`).join(', '),
    former: former.map(({ user_id, display_name }) => `${display_name} (${user_id})`).join(', '),
    messages: last_seq,
    opened: `${ago(opened_at)} ago`,
    watched: supervised ? 'yes, and its members know' : 'no',
  });

const said = (messages: Answers['transcript']['messages']) =>
  table(
    ['SEQ', 'TIME', 'WHO', 'MESSAGE'],
    messages.map(({ seq, timestamp, sender, message }) => [seq, timestamp, sender.display_name, message]),
    'Nothing.',
  );

const untilWords = (until: string | null) => until ?? 'until it is lifted';

const sanctionRows = (sanctions: readonly Answers['sanction'][]) =>
  table(
    ['ID', 'KIND', 'OF', 'UNTIL', 'BY', 'REASON'],
    sanctions.map(({ id, kind, user_id, principal, until, by, reason }) => [
      id,
      kind,
      user_id === null ? `principal ${principal}` : `participant ${user_id}`,
      untilWords(until),
      by,
      reason,
    ]),
    'Nobody is banned or muted.',
  );

const participantSheet = (found: Answers['participant']) => {
  const facts = sheet({
    user: found.user_id,
    name: found.display_name,
    provenance: found.provenance,
    principal: found.principal,
    presence: found.presence,
    tickets: found.ticket_ids.join(', '),
    rooms: found.room_ids.join(', '),
    attributes: JSON.stringify(found.attributes),
  });
  return found.sanctions.length === 0 ? facts : `${facts}\n\n${sanctionRows(found.sanctions)}`;
};

const caseSheet = (found: Answers['case']) => {
  const { id, state, reported, reported_principal, room, opened_at, complaints, messages, resolution } = found;
  const facts = sheet({
    case: id,
    state,
    reported: `${reported.display_name} (${reported.user_id})`,
    principal: reported_principal,
    room: room && `${room.name} (${room.room_id})`,
    opened: `${ago(opened_at)} ago`,
    ...(resolution && { resolution: `${resolution.note} (${resolution.by}, ${resolution.at})` }),
  });
  const voices = table(
    ['TIME', 'REPORTER', 'REASON'],
    complaints.map(({ at, reporter, reason }) => [at, reporter ?? 'the moderator', reason]),
    'Nobody complained.',
  );
  return `${facts}\n\n${voices}\n\n${said(messages)}`;
};

const instanceRow = ({ id, stage, version, started_at, url }: Answers['instances']['others'][number]) => [
  id,
  stage,
  version,
  ago(started_at),
  url,
];

const instanceSheet = (found: Answers['instance']) =>
  sheet({
    instance: found.id,
    stage: found.stage,
    version: found.version,
    running: ago(found.started_at),
    sessions: found.sessions,
    streams: found.streams,
    waits: found.waits,
    'passed on': found.forwards,
    leads: found.leads ? 'yes' : 'no',
    state: found.state_reachable ? 'reachable' : 'out of reach',
  });

const lagWords = (lag: Answers['overview']['lags']['history']) =>
  lag === null
    ? 'none is configured'
    : `${lag.pending} pending, ${Math.round(lag.behind_seconds)} s behind, ${lag.lost} lost`;

const overviewSheet = ({ caller, totals, pools, instance, lags }: Answers['overview']) =>
  [
    sheet({
      you: `${caller.principal} (${caller.scopes.join(', ')})`,
      participants: totals.participants,
      'active rooms': totals.active_rooms,
      tickets: totals.tickets,
      'open cases': totals.open_cases,
      history: lagWords(lags.history),
      'message queue': lagWords(lags.message_queue),
      webhooks: `${lags.webhooks.subscriptions} subscriptions, ${lags.webhooks.pending} deliveries outstanding`,
    }),
    poolRows(pools),
    instanceSheet(instance),
  ].join('\n\n');

const setMode = (word: string, mode: string, summary: string) =>
  command<Answers['pool']>({
    words: `pools ${word}`,
    takes: ['POOL'],
    summary,
    request: ({ POOL }) => ({ method: 'PATCH', path: `/pools/${id(POOL)}`, body: { mode } }),
    show: (pool) => poolRows([pool]),
  });

const SANCTION_FLAGS: Readonly<Record<string, AdminFlag>> = {
  participant: { value: 'USER_ID', summary: 'whom: one participant' },
  principal: { value: 'PRINCIPAL', summary: 'whom: all that a principal has and will have' },
  for: { value: 'TIME', summary: 'for how long, e.g. 30m, 2h or 7d; until it is lifted by default' },
  reason: { value: 'TEXT', summary: 'why, for operators alone; required' },
};

const impose = (kind: 'ban' | 'mute', summary: string) =>
  command<Answers['sanction']>({
    words: kind,
    summary,
    flags: SANCTION_FLAGS,
    request: ({ participant: user_id, principal, for: time, reason }) => {
      if ((user_id === undefined) === (principal === undefined))
        throw new UsageError('give --participant or --principal');
      if (reason === undefined) throw new UsageError('--reason is required');
      return {
        method: 'POST',
        path: '/sanctions',
        body: { kind, user_id, principal, reason, until: untilOf(time, Date.now()) },
      };
    },
    show: (sanction) => sanctionRows([sanction]),
  });

/** Everything that `parley admin` can do, in the order of its help. */
export const COMMANDS: readonly AdminCommand[] = [
  command<Answers['overview']>({
    words: 'overview',
    summary: 'how the service is',
    request: () => ({ method: 'GET', path: '/overview' }),
    show: overviewSheet,
  }),
  command<{ readonly pools: readonly Answers['pool'][] }>({
    words: 'pools',
    summary: 'all pools',
    request: () => ({ method: 'GET', path: '/pools' }),
    show: ({ pools }) => poolRows(pools),
  }),
  command<Answers['poolDetail']>({
    words: 'pools show',
    takes: ['POOL'],
    summary: 'a pool and its latest decisions',
    request: ({ POOL }) => ({ method: 'GET', path: `/pools/${id(POOL)}` }),
    show: (pool) =>
      `${poolRows([pool])}\n\n${table(
        ['TIME', 'TRIGGER', 'WAITING', 'CHOSEN', 'REASONS'],
        pool.decisions.map(({ at, trigger, waiting, chosen, failure, reasons }) => [
          at,
          trigger,
          waiting,
          failure ?? (chosen === null ? 'nobody' : `${chosen.length} tickets`),
          reasons.join(', '),
        ]),
        'Nothing was decided at this instance yet.',
      )}`,
  }),
  setMode('pause', 'paused', 'people enter and wait, and nobody is matched'),
  setMode('resume', 'open', 'people enter and are matched'),
  setMode('drain', 'draining', 'nobody enters, and those who wait are matched'),
  command<Answers['pool']>({
    words: 'pools strategy',
    takes: ['POOL', 'STRATEGY'],
    summary: 'switch to another strategy; "configured" is the one that is configured',
    flags: { options: { value: 'JSON', summary: 'options of the strategy, a JSON object' } },
    request: ({ POOL, STRATEGY, options }) => ({
      method: 'PATCH',
      path: `/pools/${id(POOL)}`,
      body: {
        strategy: STRATEGY === 'configured' ? null : STRATEGY,
        ...(options !== undefined && { options: objectOf(options) }),
      },
    }),
    show: (pool) => poolRows([pool]),
  }),
  command<Listed<'tickets', Answers['ticket']>>({
    words: 'tickets',
    takes: ['POOL'],
    summary: 'who waits in a pool',
    flags: PAGED,
    request: ({ POOL, ...given }) => ({ method: 'GET', path: `/pools/${id(POOL)}/tickets`, query: page(given) }),
    show: ({ tickets, next }) =>
      table(
        ['TICKET', 'STATE', 'WAITING', 'PRIORITY', 'WHO'],
        tickets.map(({ ticket_id, state, enqueued_at, priority, members, room_id }) => [
          ticket_id,
          state,
          ago(enqueued_at),
          priority,
          room_id === null ? names(members) : `a free seat in room ${room_id}`,
        ]),
        'Nobody waits.',
      ) + more(next),
  }),
  command<Answers['ticket']>({
    words: 'tickets cancel',
    takes: ['TICKET'],
    summary: 'take a ticket out of its pool',
    request: ({ TICKET }) => ({ method: 'DELETE', path: `/tickets/${id(TICKET)}` }),
    show: ticketSheet,
  }),
  command<Answers['ticket']>({
    words: 'tickets move',
    takes: ['TICKET', 'POOL'],
    summary: 'move a ticket to another pool, as senior as it is',
    request: ({ TICKET, POOL }) => ({ method: 'POST', path: `/tickets/${id(TICKET)}/move`, body: { pool: POOL } }),
    show: ticketSheet,
  }),
  command<Listed<'rooms', Answers['room']>>({
    words: 'rooms',
    summary: 'active rooms, oldest first',
    flags: { pool: { value: 'NAME', summary: 'only rooms of this pool or name' }, ...PAGED },
    request: ({ pool, ...given }) => ({ method: 'GET', path: '/rooms', query: { pool, ...page(given) } }),
    show: ({ rooms, next }) =>
      table(
        ['ROOM', 'KIND', 'NAME', 'MESSAGES', 'OPEN FOR', 'MEMBERS'],
        rooms.map(({ room_id, kind, name, last_seq, opened_at, members }) => [
          room_id,
          kind,
          name,
          last_seq,
          ago(opened_at),
          names(members),
        ]),
        'No room is active.',
      ) + more(next),
  }),
  command<Answers['room']>({
    words: 'rooms show',
    takes: ['ROOM'],
    summary: 'a room and who is in it',
    request: ({ ROOM }) => ({ method: 'GET', path: `/rooms/${id(ROOM)}` }),
    show: roomSheet,
  }),
  command<Answers['room']>({
    words: 'rooms close',
    takes: ['ROOM'],
    summary: 'end a conversation',
    request: ({ ROOM }) => ({ method: 'DELETE', path: `/rooms/${id(ROOM)}` }),
    show: roomSheet,
  }),
  command<Answers['room']>({
    words: 'rooms watch',
    takes: ['ROOM'],
    summary: 'watch a room where its pool allows it; its members are told',
    request: ({ ROOM }) => ({ method: 'PUT', path: `/rooms/${id(ROOM)}/watch` }),
    show: roomSheet,
  }),
  command<Answers['room']>({
    words: 'rooms unwatch',
    takes: ['ROOM'],
    summary: 'watch a room no longer',
    request: ({ ROOM }) => ({ method: 'DELETE', path: `/rooms/${id(ROOM)}/watch` }),
    show: roomSheet,
  }),
  command<Answers['transcript']>({
    words: 'rooms transcript',
    takes: ['ROOM'],
    summary: 'what was said in a room that is watched, or of which a case is open',
    flags: {
      why: { value: 'TEXT', summary: 'why you look, for the audit log' },
      limit: PAGED['limit']!,
      before: { value: 'SEQ', summary: 'only messages before this one' },
      after: { value: 'SEQ', summary: 'only messages after this one' },
    },
    request: ({ ROOM, why, limit, before, after }) => ({
      method: 'GET',
      path: `/rooms/${id(ROOM)}/transcript`,
      query: { why, limit, before, after },
    }),
    show: ({ messages, next }) => said(messages) + more(next === null ? null : String(next)),
  }),
  command<{ readonly participants: readonly Answers['participant'][] }>({
    words: 'participants',
    summary: 'the participants of a principal',
    flags: { principal: { value: 'PRINCIPAL', summary: 'whose; required' } },
    request: ({ principal }) => {
      if (principal === undefined) throw new UsageError('--principal is required');
      return { method: 'GET', path: '/participants', query: { principal } };
    },
    show: ({ participants }) =>
      table(
        ['USER', 'NAME', 'PRESENCE', 'TICKETS', 'ROOMS'],
        participants.map(({ user_id, display_name, presence, ticket_ids, room_ids }) => [
          user_id,
          display_name,
          presence,
          ticket_ids.length,
          room_ids.length,
        ]),
        'It has none.',
      ),
  }),
  command<Answers['participant']>({
    words: 'participants show',
    takes: ['USER'],
    summary: 'a participant: where it is, and what holds against it',
    request: ({ USER }) => ({ method: 'GET', path: `/participants/${id(USER)}` }),
    show: participantSheet,
  }),
  command<Answers['participant']>({
    words: 'participants disconnect',
    takes: ['USER'],
    summary: 'take a participant out of its queues and rooms; it may come back',
    request: ({ USER }) => ({ method: 'POST', path: `/participants/${id(USER)}/disconnect` }),
    show: participantSheet,
  }),
  command<object>({
    words: 'participants forget',
    takes: ['USER'],
    summary: 'delete what is kept of a participant, for ever',
    request: ({ USER }) => ({ method: 'DELETE', path: `/participants/${id(USER)}` }),
    show: () => 'Forgotten.',
  }),
  impose('ban', 'keep somebody out'),
  impose('mute', 'let somebody read and not write'),
  command<object>({
    words: 'lift',
    takes: ['SANCTION'],
    summary: 'end a ban or a mute',
    request: ({ SANCTION }) => ({ method: 'DELETE', path: `/sanctions/${id(SANCTION)}` }),
    show: () => 'Lifted.',
  }),
  command<Listed<'sanctions', Answers['sanction']>>({
    words: 'sanctions',
    summary: 'bans and mutes in force, newest first',
    flags: PAGED,
    request: (given) => ({ method: 'GET', path: '/sanctions', query: page(given) }),
    show: ({ sanctions, next }) => sanctionRows(sanctions) + more(next),
  }),
  command<Listed<'cases', Answers['caseSummary']>>({
    words: 'cases',
    summary: 'what was reported, newest first',
    flags: { state: { value: 'STATE', summary: 'only those that are open, or resolved' }, ...PAGED },
    request: ({ state, ...given }) => ({ method: 'GET', path: '/cases', query: { state, ...page(given) } }),
    show: ({ cases, next }) =>
      table(
        ['CASE', 'STATE', 'OPENED', 'VOICES', 'ROOM', 'REPORTED'],
        cases.map(({ id, state, opened_at, complaints, room, reported }) => [
          id,
          state,
          `${ago(opened_at)} ago`,
          complaints,
          room?.name,
          reported.display_name,
        ]),
        'Nothing was reported.',
      ) + more(next),
  }),
  command<Answers['case']>({
    words: 'cases show',
    takes: ['CASE'],
    summary: 'a case with what was said',
    request: ({ CASE }) => ({ method: 'GET', path: `/cases/${id(CASE)}` }),
    show: caseSheet,
  }),
  command<Answers['case']>({
    words: 'cases resolve',
    takes: ['CASE'],
    summary: 'close a case',
    flags: { note: { value: 'TEXT', summary: 'what you made of it; required' } },
    request: ({ CASE, note }) => {
      if (note === undefined) throw new UsageError('--note is required');
      return { method: 'POST', path: `/cases/${id(CASE)}/resolve`, body: { note } };
    },
    show: caseSheet,
  }),
  command<Listed<'webhooks', Answers['webhook']>>({
    words: 'webhooks',
    summary: 'webhook subscriptions, without secrets',
    flags: PAGED,
    request: (given) => ({ method: 'GET', path: '/webhooks', query: page(given) }),
    show: ({ webhooks, next }) =>
      table(
        ['WEBHOOK', 'EVENT', 'STATE', 'PENDING', 'LAST ERROR', 'USER', 'URL'],
        webhooks.map(({ id, event, active, pending, last_error, user_id, url }) => [
          id,
          event,
          active ? 'active' : 'suspended',
          pending,
          last_error,
          user_id,
          url,
        ]),
        'There are none.',
      ) + more(next),
  }),
  command<object>({
    words: 'webhooks end',
    takes: ['WEBHOOK'],
    summary: 'end a webhook subscription',
    request: ({ WEBHOOK }) => ({ method: 'DELETE', path: `/webhooks/${id(WEBHOOK)}` }),
    show: () => 'Ended.',
  }),
  command<Answers['instances']>({
    words: 'instances',
    summary: 'the instances that share the state, and how this one is',
    request: () => ({ method: 'GET', path: '/instances' }),
    show: ({ this: own, others }) =>
      `${table(['INSTANCE', 'STAGE', 'VERSION', 'RUNNING', 'REACHED AT'], [own, ...others].map(instanceRow), '')}\n\n${instanceSheet(own)}`,
  }),
  command<Answers['instance']>({
    words: 'drain',
    summary: 'empty an instance before it is ended: the one that answers, unless another is named',
    flags: { instance: { value: 'ID', summary: 'which, as instances lists them' } },
    request: ({ instance }) => ({
      method: 'POST',
      path: instance === undefined ? '/drain' : `/instances/${id(instance)}/drain`,
    }),
    show: (instance) => `${instanceSheet(instance)}\n\nIt has begun; parley admin instances tells when it is drained.`,
  }),
  command<Listed<'entries', Answers['entry']>>({
    words: 'audit',
    summary: 'what operators did, newest first',
    flags: {
      actor: { value: 'PRINCIPAL', summary: 'only what this one did' },
      action: { value: 'NAME', summary: 'only this, e.g. pool.pause' },
      subject: { value: 'ID', summary: 'only what was done to this' },
      ...PAGED,
    },
    request: ({ actor, action, subject, ...given }) => ({
      method: 'GET',
      path: '/audit',
      query: { actor, action, subject, ...page(given) },
    }),
    show: ({ entries, next }) =>
      table(
        ['TIME', 'ACTION', 'OUTCOME', 'BY', 'SUBJECT', 'DETAILS'],
        entries.map(({ at, action, outcome, actor, subject, details }) => [
          at,
          action,
          outcome,
          actor,
          subject,
          Object.keys(details).length === 0 ? '' : JSON.stringify(details),
        ]),
        'Nothing was done yet.',
      ) + more(next),
  }),
];

function objectOf(text: string): object {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new UsageError('--options must be a JSON object, e.g. \'{"floor":2}\'');
}
