import { COMPLAINTS_MAX } from '../../../ports/case-store.js';
import { libraryOf } from '../function-library.js';

/**
 * Cases. `c:` is a case: what it is about and what came of it; `m:` what was said, `v:` who complained, one JSON object in
 * each place of the list. `all`, `open` and `resolved` hold ids by their order, `by` the open case of a room and
 * participant, `rooms` how many are open of a room, and `of:` the cases in which somebody occurs.
 */
const CODE = String.raw`
local T
local steps = {}
local COMPLAINTS_MAX = ${COMPLAINTS_MAX}
local NAMELESS = 'Anonymous'

local function key(part, id)
  return id and T .. part .. ':' .. id or T .. part
end

local function involve(id, person)
  if redis.call('SADD', key('in', id), person) == 1 then redis.call('SADD', key('of', person), id) end
end

-- What was open is so no longer.
local function close(id)
  local known = redis.call('HMGET', key('c', id), 'subject', 'room')
  redis.call('ZREM', key('open'), id)
  redis.call('HDEL', key('by'), known[1])
  if known[2] and redis.call('HINCRBY', key('rooms'), known[2], -1) < 1 then redis.call('HDEL', key('rooms'), known[2]) end
end

local function drop(id)
  if redis.call('ZSCORE', key('open'), id) then close(id) end
  for _, person in ipairs(redis.call('SMEMBERS', key('in', id))) do redis.call('SREM', key('of', person), id) end
  redis.call('ZREM', key('resolved'), id)
  redis.call('ZREM', key('all'), id)
  redis.call('UNLINK', key('c', id), key('m', id), key('v', id), key('in', id))
end

function steps.open(a)
  local known = redis.call('HGET', key('by'), a.subject)
  if known then
    if redis.call('LLEN', key('v', known)) < COMPLAINTS_MAX then
      redis.call('RPUSH', key('v', known), a.complaint)
      for _, person in ipairs(a.people) do involve(known, person) end
    end
    return known
  end
  while redis.call('ZCARD', key('all')) >= a.max do
    drop(redis.call('ZRANGE', key('resolved'), 0, 0)[1] or redis.call('ZRANGE', key('all'), 0, 0)[1])
  end
  local order = redis.call('HINCRBY', key('meta'), 'order', 1)
  redis.call('ZADD', key('all'), order, a.id)
  redis.call('ZADD', key('open'), order, a.id)
  redis.call('HSET', key('by'), a.subject, a.id)
  redis.call('HSET', key('c', a.id), 'subject', a.subject, 'about', a.about, 'openedAt', a.openedAt)
  if a.room then
    redis.call('HSET', key('c', a.id), 'room', a.room)
    redis.call('HINCRBY', key('rooms'), a.room, 1)
  end
  if #a.messages > 0 then redis.call('RPUSH', key('m', a.id), unpack(a.messages)) end
  redis.call('RPUSH', key('v', a.id), a.complaint)
  for _, person in ipairs(a.people) do involve(a.id, person) end
  return a.id
end

-- About, when it was opened, and the resolution if there is one.
local function factsOf(id)
  return redis.call('HMGET', key('c', id), 'about', 'openedAt', 'resolution')
end

function steps.find(a)
  if redis.call('EXISTS', key('c', a.id)) == 0 then return nil end
  local messages = redis.call('LRANGE', key('m', a.id), 0, -1)
  return { factsOf(a.id), messages, redis.call('LRANGE', key('v', a.id), 0, -1) }
end

-- The order of each, its id, its facts and how many have complained.
function steps.list(a)
  local found = redis.call('ZREVRANGEBYSCORE', key(a.of), a.before, '-inf', 'WITHSCORES', 'LIMIT', 0, a.limit)
  local items = {}
  for i = 1, #found, 2 do
    local id = found[i]
    items[#items + 1] = { found[i + 1], id, factsOf(id), redis.call('LLEN', key('v', id)) }
  end
  return items
end

function steps.isOpenIn(a)
  return redis.call('HEXISTS', key('rooms'), a.room)
end

function steps.resolve(a)
  local order = redis.call('ZSCORE', key('open'), a.id)
  if not order then return nil end
  close(a.id)
  redis.call('ZADD', key('resolved'), order, a.id)
  redis.call('HSET', key('c', a.id), 'resolution', a.resolution)
  return steps.find(a)
end

local function rewrite(list, change)
  for i, raw in ipairs(redis.call('LRANGE', list, 0, -1)) do
    local item = cjson.decode(raw)
    if change(item) then redis.call('LSET', list, i - 1, cjson.encode(item)) end
  end
end

function steps.forget(a)
  for _, id in ipairs(redis.call('SMEMBERS', key('of', a.person))) do
    local about = cjson.decode(redis.call('HGET', key('c', id), 'about'))
    if about.reported.user_id == a.person then
      about.reported.display_name = NAMELESS
      redis.call('HSET', key('c', id), 'about', cjson.encode(about))
    end
    rewrite(key('m', id), function(message)
      if message.sender.user_id ~= a.person then return false end
      message.text, message.sender.display_name = '', NAMELESS
      return true
    end)
    rewrite(key('v', id), function(complaint)
      if complaint.reporter ~= a.person then return false end
      complaint.reason = ''
      return true
    end)
  end
  return 'OK'
end

function steps.openCases()
  return redis.call('ZCARD', key('open'))
end

local function call(keys, args)
  T = keys[1] .. ':cases:'
  return steps[args[1]](cjson.decode(args[2]))
end
`;

/** One call is one step: its name and its arguments as JSON. */
export const CASES = libraryOf('parley_cases', CODE);
