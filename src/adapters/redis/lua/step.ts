/**
 * The step under way: records are read when first looked at and written when the step is over, so that a step which
 * meets a fault of its own writes none of them. Numbers that identify an order come from one counter per namespace.
 *
 * A participant is `p`, a room `r`, a ticket `k`, an offer `o`; each is one MessagePack value. Fields that a step does
 * not know stay as they are, so that instances of different versions can share a namespace. In front of participants
 * and rooms stands what most steps change of them, numbers of 8 bytes, so that these can be written without the rest.
 */
export const STEP = String.raw`
local S
-- Ticks of a second are in the high bits of a score, the order of scheduling in the low ones.
local PER_TICK = 4194304
local FEED_STEPS = 10000

-- A step begins; what it tells others is added to what those before it in the call have told.
local function begin(tag, now, iso, limits, told)
  S = {
    tag = tag, now = tonumber(now), nowText = now, iso = iso, limits = limits, told = told,
    found = {}, keys = {}, changes = {}, changed = {}, deleted = {}, backfills = {}, answered = {},
  }
end

local function fail(code, details)
  error({ code = code, details = details or {} }, 0)
end

local function some(number)
  return number >= 0 and number or nil
end

-- What stands in front of records, by kind; -1 is for none.
local fronts = {
  p = {
    bytes = 48,
    fields = { since = true, head = true, oldest = true, kept = true, messagesLevel = true, messagesAt = true },
    pack = function(person)
      return struct.pack('>dddddd', person.since, person.head, person.oldest or -1, person.kept or -1,
        person.messagesLevel or -1, person.messagesAt or -1)
    end,
    read = function(person, raw)
      local since, head, oldest, kept, level, time = struct.unpack('>dddddd', raw)
      person.since, person.head, person.oldest, person.kept = since, head, some(oldest), some(kept)
      person.messagesLevel, person.messagesAt = some(level), some(time)
    end,
  },
  r = {
    bytes = 8,
    fields = { last = true },
    pack = function(room) return struct.pack('>d', room.last) end,
    read = function(room, raw) room.last = struct.unpack('>d', raw) end,
  },
}

local function readRecord(kind, raw)
  local front = fronts[kind]
  if not front then return cmsgpack.unpack(raw) end
  local _, record = cmsgpack.unpack_limit(raw, 1, front.bytes)
  front.read(record, raw)
  return record
end

local function packRecord(kind, record)
  local front = fronts[kind]
  if not front then return cmsgpack.pack(record) end
  local rest = {}
  for field, value in pairs(record) do
    if not front.fields[field] then rest[field] = value end
  end
  return front.pack(record) .. cmsgpack.pack(rest)
end

local function recordKey(kind, id)
  return S.tag .. ':' .. kind .. ':' .. id
end

local function keep(key, record)
  S.found[key] = record
  if record then S.keys[record] = key end
  return record or nil
end

local function get(kind, id)
  local key = recordKey(kind, id)
  local record = S.found[key]
  if record ~= nil then return record or nil end
  local raw = redis.call('GET', key)
  return keep(key, raw and readRecord(kind, raw))
end

-- What belongs to a record has a key of its own, which no id can name by holding a colon.
local function personKey(person, part)
  return S.tag .. ':p-' .. part .. ':' .. person.id
end

local function roomKey(room, part)
  return S.tag .. ':r-' .. part .. ':' .. room.id
end

local function change(record, what)
  if not S.changes[record] then S.changed[#S.changed + 1] = record end
  S.changes[record] = what
end

local function touch(record)
  change(record, 'all')
end

-- Of the record, only numbers in front have changed.
local function stir(record)
  if not S.changes[record] then change(record, 'front') end
end

local function put(kind, record)
  keep(recordKey(kind, record.id), record)
  touch(record)
  return record
end

local function delete(kind, id)
  local key = recordKey(kind, id)
  S.found[key] = false
  S.deleted[#S.deleted + 1] = key
end

local function whole(number)
  return string.format('%.0f', number)
end

-- A whole number of at most 15 digits, for less.
local function count(number)
  return string.format('%d', number)
end

local function nextOrder()
  S.order = (S.order or tonumber(redis.call('HGET', S.tag .. ':meta', 'order') or '0')) + 1
  return S.order
end

local function flush()
  if #S.deleted > 0 then redis.call('UNLINK', unpack(S.deleted)) end
  for _, record in ipairs(S.changed) do
    local key = S.keys[record]
    if S.found[key] == record then
      local kind = string.sub(key, #S.tag + 2, #S.tag + 2)
      if S.changes[record] == 'front' then
        redis.call('SETRANGE', key, 0, fronts[kind].pack(record))
      else
        redis.call('SET', key, packRecord(kind, record))
      end
    end
  end
  if S.order then redis.call('HSET', S.tag .. ':meta', 'order', whole(S.order)) end
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
