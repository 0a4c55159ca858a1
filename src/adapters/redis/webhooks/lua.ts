import { libraryOf } from '../function-library.js';

/**
 * Keys, numbers and rates. Every key begins with the hash tag of the namespace. A subscription is a hash whose fields are those of
 * the port, so that fields which a version does not know stay as they are.
 */
const BASE = String.raw`
local T
local MICROSECONDS = 1000000

local function key(part, id)
  return id and T .. part .. ':' .. id or T .. part
end

local function whole(number)
  return string.format('%.0f', number)
end

local function redisTime()
  local time = redis.call('TIME')
  return tonumber(time[1]) * MICROSECONDS + tonumber(time[2])
end

-- Counts on from the time of day, so that numbers given before a loss of memory are not given again.
local function nextNumber(of)
  local number = redis.call('HINCRBY', key('meta'), of, 1)
  if number == 1 then
    number = redisTime()
    redis.call('HSET', key('meta'), of, whole(number))
  end
  return number
end

local function numberOf(of)
  return tonumber(redis.call('HGET', key('meta'), of) or '0')
end
`;

/** Rows of the outbox: ready to be claimed, by endpoint; due later, which is also when a lease ends; or set aside. */
const ROWS = String.raw`
local function memberOf(s, seq)
  return s.id .. ' ' .. seq .. ' ' .. s.endpoint
end

local function partsOf(member)
  return string.match(member, '^(%S+) (%S+) (.+)$')
end

local function rowOf(id, seq)
  local raw = redis.call('HGET', key('rows', id), seq)
  return raw and cmsgpack.unpack(raw) or nil
end

local function putRow(id, seq, row)
  redis.call('HSET', key('rows', id), seq, cmsgpack.pack(row))
end

local function unready(endpoint, member)
  local ready = key('ready', endpoint)
  if redis.call('ZREM', ready, member) == 1 and redis.call('EXISTS', ready) == 0 then
    redis.call('ZREM', key('turns'), endpoint)
  end
end

local function setAside(s, seq)
  local member = memberOf(s, seq)
  if redis.call('ZREM', key('later'), member) == 0 then unready(s.endpoint, member) end
end

local function enqueue(endpoint, member)
  local order = whole(nextNumber('order'))
  redis.call('ZADD', key('ready', endpoint), order, member)
  redis.call('ZADD', key('turns'), 'NX', order, endpoint)
end

local function makeReady(s, seq)
  setAside(s, seq)
  enqueue(s.endpoint, memberOf(s, seq))
end

local function makeDue(s, seq, at)
  local member = memberOf(s, seq)
  unready(s.endpoint, member)
  redis.call('ZADD', key('later'), whole(math.ceil(at)), member)
end

local function add(s, seq, lease, now, messageId)
  local row = { attempts = 0, since = now, owner = lease and lease.owner, messageId = messageId }
  if redis.call('HSETNX', key('rows', s.id), seq, cmsgpack.pack(row)) == 0 then return end
  redis.call('ZADD', key('seqs', s.id), seq, seq)
  redis.call('HINCRBY', key('meta'), 'pending', 1)
  if lease then makeDue(s, seq, lease['until']) else makeReady(s, seq) end
end

local function drop(s, seq)
  setAside(s, seq)
  if redis.call('HDEL', key('rows', s.id), seq) == 0 then return end
  redis.call('ZREM', key('seqs', s.id), seq)
  redis.call('HINCRBY', key('meta'), 'pending', -1)
end

local function outstanding(s)
  return redis.call('ZRANGE', key('seqs', s.id), 0, -1)
end
`;

const SUBSCRIPTIONS = String.raw`
local GAP = '0'
-- Subscriptions removed at a time because their time is over.
local EXPIRED_AT_ONCE = 100

local function put(s, values)
  local flat = {}
  for field, value in pairs(values) do
    s[field] = value
    flat[#flat + 1] = field
    flat[#flat + 1] = value
  end
  redis.call('HSET', key('s', s.id), unpack(flat))
end

local function clear(s, ...)
  for _, field in ipairs({ ... }) do s[field] = nil end
  redis.call('HDEL', key('s', s.id), ...)
end

local function remove(s)
  local seqs = outstanding(s)
  for _, seq in ipairs(seqs) do setAside(s, seq) end
  if #seqs > 0 then redis.call('HINCRBY', key('meta'), 'pending', -#seqs) end
  redis.call('UNLINK', key('s', s.id), key('rows', s.id), key('seqs', s.id))
  redis.call('ZREM', key('expiry'), s.id)
  local own = key('of', s.participantId)
  redis.call('SREM', own, s.id)
  if redis.call('EXISTS', own) == 0 then redis.call('ZREM', key('people'), s.participantId) end
end

local function get(id)
  local flat = redis.call('HGETALL', key('s', id))
  if #flat == 0 then return nil end
  local s = {}
  for i = 1, #flat, 2 do s[flat[i]] = flat[i + 1] end
  return s
end

-- A subscription whose time is over goes when it is looked at.
local function live(id, now)
  local s = get(id)
  if not s or tonumber(s.expiresAt) > now then return s end
  remove(s)
end

local function expire(now, limit)
  local ids = redis.call('ZRANGEBYSCORE', key('expiry'), '-inf', whole(now), 'LIMIT', 0, limit)
  for _, id in ipairs(ids) do
    local s = get(id)
    if s then remove(s) else redis.call('ZREM', key('expiry'), id) end
  end
  return #ids
end

-- The highest position below which nothing is outstanding, as if arrived had arrived.
local function watermark(s, arrived)
  for _, seq in ipairs(redis.call('ZRANGE', key('seqs', s.id), 0, 2)) do
    if seq ~= GAP and seq ~= arrived then return whole(tonumber(seq) - 1) end
  end
  return s.seen
end

local function view(s, arrived)
  local flat = {}
  for field, value in pairs(s) do
    flat[#flat + 1] = field
    flat[#flat + 1] = value
  end
  return { flat, redis.call('ZCARD', key('seqs', s.id)), watermark(s), arrived and watermark(s, arrived) }
end

local function delivery(s, seq, row)
  return { s.id, s.participantId, s.endpoint, seq, whole(row.attempts), whole(row.since), row.messageId }
end
`;

const OUTCOMES = String.raw`
local outcomes = {}

function outcomes.delivered(s, seq, _, o)
  drop(s, seq)
  put(s, { lastDeliveryAt = whole(o.at), failures = '0' })
  clear(s, 'lastError', 'failedSince')
  if o.gap then
    put(s, { gapDue = '0' })
    add(s, GAP, nil, o.at, o.gap)
  end
end

function outcomes.refused(s, seq, _, o)
  drop(s, seq)
  put(s, { lastError = o.category, failures = '0' })
  clear(s, 'failedSince')
end

function outcomes.failed(s, seq, row, o)
  local values = {
    lastError = o.category,
    failedSince = s.failedSince or whole(o.at),
    failures = whole(tonumber(s.failures) + 1),
    pausedUntil = whole(math.max(tonumber(s.pausedUntil), math.ceil(o.pauseUntil or 0))),
  }
  if o.retryAt then
    row.attempts = row.attempts + 1
    row.owner = nil
    putRow(s.id, seq, row)
    makeDue(s, seq, o.retryAt)
  else
    drop(s, seq)
    if seq ~= GAP then values.lost, values.gapDue = '1', '1' end
  end
  if o.suspend then
    values.active = '0'
    for _, each in ipairs(outstanding(s)) do
      local other = rowOf(s.id, each)
      other.owner = nil
      putRow(s.id, each, other)
      setAside(s, each)
    end
  end
  put(s, values)
end

function outcomes.postponed(s, seq, row, o)
  row.owner = nil
  putRow(s.id, seq, row)
  if s.active == '1' then makeDue(s, seq, o['until']) else setAside(s, seq) end
end

function outcomes.lost(s, seq)
  drop(s, seq)
  put(s, { lost = '1', gapDue = '1' })
end
`;

const STEPS = String.raw`
-- Due rows made ready by one claim, and verifications kept.
local DUE_AT_ONCE = 1000
local VERIFICATIONS_MAX = 100000

local steps = {}

local function reached(a)
  if a.total > 0 and redis.call('ZCARD', key('expiry')) >= a.total then return 'total' end
  local own = redis.call('SCARD', key('of', a.participantId))
  return a.perParticipant > 0 and own >= a.perParticipant and 'perParticipant' or nil
end

function steps.full(a)
  if not reached(a) then return nil end
  -- What is over and not yet swept makes room.
  expire(a.now, EXPIRED_AT_ONCE)
  for _, id in ipairs(redis.call('SMEMBERS', key('of', a.participantId))) do live(id, a.now) end
  return reached(a)
end

local function refresh(s, a)
  local before = view(s)
  local wanted = a.wanted
  local values = { codes = wanted.codes, expiresAt = wanted.expiresAt, active = '1', lost = '0', gapDue = '0' }
  if s.secret ~= wanted.secret then
    values.previousSecret, values.previousSecretUntil = s.secret, wanted.previousSecretUntil
    values.secret = wanted.secret
  end
  local wasActive = s.active == '1'
  if not wasActive then values.failures = '0' end
  put(s, values)
  if not wasActive then
    clear(s, 'failedSince')
    for _, seq in ipairs(outstanding(s)) do makeReady(s, seq) end
  end
  redis.call('ZADD', key('expiry'), s.expiresAt, s.id)
  return { 'refreshed', view(s), before }
end

function steps.subscribe(a)
  local wanted = a.wanted
  local s = live(wanted.id, a.now)
  if s then return refresh(s, a) end
  a.participantId = wanted.participantId
  local limit = steps.full(a)
  if limit then return { 'refused', limit } end
  s = { id = wanted.id }
  put(s, wanted)
  put(s, { createdAt = whole(a.now), active = '1', lost = '0', gapDue = '0', pausedUntil = '0', failures = '0' })
  redis.call('ZADD', key('expiry'), s.expiresAt, s.id)
  redis.call('SADD', key('of', s.participantId), s.id)
  if not redis.call('ZSCORE', key('people'), s.participantId) then
    redis.call('ZADD', key('people'), whole(nextNumber('people')), s.participantId)
  end
  return { 'created', view(s) }
end

function steps.find(a)
  local s = live(a.id, a.now)
  return s and view(s)
end

function steps.unsubscribe(a)
  local s = live(a.id, a.now)
  if not s then return nil end
  local removed = view(s)
  remove(s)
  return removed
end

function steps.ofParticipant(a)
  local views = {}
  for _, id in ipairs(redis.call('SMEMBERS', key('of', a.participantId))) do
    local s = live(id, a.now)
    if s then views[#views + 1] = view(s) end
  end
  return views
end

function steps.participants(a)
  expire(a.now, EXPIRED_AT_ONCE)
  return redis.call('ZRANGEBYSCORE', key('people'), '(' .. whole(a.after), '+inf', 'WITHSCORES', 'LIMIT', 0, a.limit)
end

function steps.advance(a)
  local s = live(a.subscriptionId, a.now)
  if not s or s.active ~= '1' or tonumber(s.seen) ~= a.from then return 0 end
  put(s, { seen = whole(a.to) })
  if a.gap then
    put(s, { lost = '1', gapDue = '0' })
    add(s, GAP, nil, a.now, a.gap)
  end
  for _, seq in ipairs(a.seqs) do add(s, whole(seq), a.lease, a.now) end
  return 1
end

-- Puts a ready row into somebody's hands; what no longer has a live subscription goes.
local function hand(member, a)
  local id, seq, endpoint = partsOf(member)
  local s = live(id, a.now)
  local row = s and rowOf(id, seq)
  if not row then
    unready(endpoint, member)
    return nil
  end
  row.owner = a.lease.owner
  putRow(id, seq, row)
  makeDue(s, seq, a.lease['until'])
  return delivery(s, seq, row)
end

function steps.claim(a)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key('later'), '-inf', whole(a.now), 'LIMIT', 0, DUE_AT_ONCE)) do
    local _, _, endpoint = partsOf(member)
    redis.call('ZREM', key('later'), member)
    enqueue(endpoint, member)
  end
  local except, claimed = {}, {}
  for _, endpoint in ipairs(a.except) do except[endpoint] = true end
  for _, endpoint in ipairs(redis.call('ZRANGE', key('turns'), 0, a.limit + #a.except - 1)) do
    if #claimed >= a.limit then break end
    if not except[endpoint] then
      local some = math.min(a.perEndpoint, a.limit - #claimed)
      for _, member in ipairs(redis.call('ZRANGE', key('ready', endpoint), 0, some - 1)) do
        claimed[#claimed + 1] = hand(member, a)
      end
      -- An endpoint that was served goes to the end, so that all get their turn.
      redis.call('ZADD', key('turns'), 'XX', whole(nextNumber('order')), endpoint)
    end
  end
  return claimed
end

-- What a worker has had in its hands it holds until the row is made ready for others.
local function held(s, seq, owner)
  local row = rowOf(s.id, seq)
  return row and row.owner == owner and redis.call('ZSCORE', key('later'), memberOf(s, seq)) and row
end

function steps.begin(a)
  local s = live(a.id, a.now)
  local seq = whole(a.seq)
  local row = s and held(s, seq, a.lease.owner)
  if not row then return nil end
  makeDue(s, seq, a.lease['until'])
  return { view(s, seq), delivery(s, seq, row) }
end

function steps.settle(a)
  for _, o in ipairs(a.outcomes) do
    local s = get(o.subscriptionId)
    local seq = whole(o.seq)
    local row = s and held(s, seq, o.owner)
    if row then outcomes[o.result](s, seq, row, o) end
  end
end

function steps.verified(a)
  local ends = redis.call('ZSCORE', key('verified'), a.digest)
  return ends and tonumber(ends) > a.now and 1 or 0
end

function steps.verify(a)
  redis.call('ZADD', key('verified'), whole(a['until']), a.digest)
  if redis.call('ZCARD', key('verified')) > VERIFICATIONS_MAX then redis.call('ZPOPMIN', key('verified')) end
end

function steps.sweep(a)
  local over = redis.call('ZRANGEBYSCORE', key('verified'), '-inf', whole(a.now), 'LIMIT', 0, a.limit)
  if #over > 0 then redis.call('ZREM', key('verified'), unpack(over)) end
  return expire(a.now, a.limit)
end

function steps.counts()
  return { redis.call('ZCARD', key('expiry')), numberOf('pending') }
end

-- Who is there is judged by one clock, the server's.
function steps.attend(a)
  local workers, now = key('workers'), math.floor(redisTime() / 1000)
  redis.call('ZREMRANGEBYSCORE', workers, '-inf', whole(now))
  redis.call('ZADD', workers, whole(now + a.ttlMs), a.worker)
  redis.call('PEXPIRE', workers, whole(a.ttlMs + 1))
  return { redis.call('ZRANGE', workers, 0, -1), redis.call('ZCARD', key('people')), numberOf('people') }
end

function steps.leave(a)
  redis.call('ZREM', key('workers'), a.worker)
end

-- A token bucket in whole numbers: a token is worth perMs, a millisecond refills burst.
function steps.take(a)
  local bucket, burst, perMs = key('rate', a.digest), a.burst, a.perMs
  local kept = redis.call('HMGET', bucket, 'level', 'at')
  local at = tonumber(kept[2] or a.now)
  local level = math.min(burst * perMs, tonumber(kept[1] or burst * perMs) + math.max(0, a.now - at) * burst)
  local wait = 0
  if level < perMs then wait = math.ceil((perMs - level) / burst) else level = level - perMs end
  redis.call('HSET', bucket, 'level', whole(level), 'at', whole(math.max(at, a.now)))
  redis.call('PEXPIRE', bucket, whole(perMs))
  return wait
end

function steps.sharedKey(a)
  redis.call('SETNX', key('key'), a.proposed)
  return redis.call('GET', key('key'))
end

function steps.noteKey(a)
  local before = redis.call('HGET', key('meta'), 'key')
  redis.call('HSET', key('meta'), 'key', a.fingerprint)
  return before or nil
end

local function call(keys, args)
  T = keys[1] .. ':wh:'
  return steps[args[1]](cjson.decode(args[2]))
end
`;

/** One call is one step: its name and its arguments as JSON. */
export const WEBHOOKS = libraryOf('parley_webhooks', [BASE, ROWS, SUBSCRIPTIONS, OUTCOMES, STEPS].join('\n'));
