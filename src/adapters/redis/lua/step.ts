/** The step under way. Numbers that identify an order come from one counter per namespace. */
export const STEP = String.raw`
local S
-- Ticks of a second are in the high bits of a score, the order of scheduling in the low ones.
local PER_TICK = 4194304
local FEED_STEPS = 10000

-- A step begins, the next of a call; what it tells others is added to what those before it have told.
local function begin(tag, now, iso, limits, call, number, told)
  S = {
    tag = tag, now = tonumber(now), nowText = now, iso = iso, limits = limits, call = call, number = number, told = told,
    found = {}, changes = {}, deleted = {}, backfills = {}, answered = { '{"told":[' },
  }
end

local function fail(code, details)
  error({ code = code, details = details or {} }, 0)
end

-- What belongs to a record has a key of its own, which no id can name by holding a colon.
local function personKey(person, part)
  return S.tag .. ':p-' .. part .. ':' .. person.id
end

local function roomKey(room, part)
  return S.tag .. ':r-' .. part .. ':' .. room.id
end

local function whole(number)
  return string.format('%.0f', number)
end

-- A whole number of at most 15 digits, for less.
local function count(number)
  return string.format('%d', number)
end

-- A name that is this step's alone for ever.
local function origin()
  return S.call .. '.' .. S.number
end

local function nextOrder()
  S.order = (S.order or tonumber(redis.call('HGET', S.tag .. ':meta', 'order') or '0')) + 1
  return S.order
end

local function at(list, value)
  for i, item in ipairs(list) do
    if item == value then return i end
  end
end

local function without(list, value)
  local i = at(list, value)
  if i then table.remove(list, i) end
end

-- JSON

local function text(value)
  return cjson.encode(value)
end

-- A string costs by its length whenever one is made, also one that is there already.
local function joined(items)
  return #items == 1 and items[1] or table.concat(items, ',')
end

local function array(items)
  return '[' .. joined(items) .. ']'
end

local function texts(items)
  local encoded = {}
  for i, item in ipairs(items) do encoded[i] = text(item) end
  return array(encoded)
end

local function numbers(items)
  local encoded = {}
  for i, item in ipairs(items) do encoded[i] = whole(item) end
  return array(encoded)
end

local function flag(value)
  return value and 'true' or 'false'
end

-- What is due at a time, in ticks of a second and within one in the order it was scheduled; never early.

local function schedule(queue, id, time)
  local key = S.tag .. ':due:' .. queue
  local tick = math.ceil(time / 1000)
  local score = redis.call('ZSCORE', key, id)
  if score and math.floor(tonumber(score) / PER_TICK) == tick then return end
  redis.call('ZADD', key, whole(tick * PER_TICK + nextOrder() % PER_TICK), id)
end

local function unschedule(queue, id)
  redis.call('ZREM', S.tag .. ':due:' .. queue, id)
end

local function takeDue(queue, limit)
  local key = S.tag .. ':due:' .. queue
  local last = whole((math.floor(S.now / 1000) + 1) * PER_TICK - 1)
  local ids = redis.call('ZRANGEBYSCORE', key, '-inf', last, 'LIMIT', 0, limit)
  if #ids > 0 then redis.call('ZREM', key, unpack(ids)) end
  return ids
end

local function atOnce()
  return S.now - S.now % 1000
end
`;
