/**
 * Records are read when first looked at and written when the step is over, so that a step which meets a fault of its own
 * writes none of them.
 *
 * A participant is `p`, a room `r`, a ticket `k`, an offer `o`; each is one MessagePack value. Fields that a step does
 * not know stay as they are, so that instances of different versions can share a namespace. In front of participants
 * and rooms stand the numbers that most steps change, so that they can be written without the rest; which these are is the
 * same in all versions.
 */
export const RECORDS = String.raw`
local get, put, delete, touch, stir, doubt, flush

-- A chunk of Lua has at most 200 names; those within a block do not count.
do

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

local MAX_DECODED = 4096
-- By key what stands behind the numbers, decoded. It is seldom another than before: a post costs a sixth less for that.
local decoded, decodedCount = {}, 0

local function decode(key, raw, from)
  local known = decoded[key]
  -- To cut the rest out would cost as much as to read it: a string costs by its length whenever one is made.
  if known and #raw == from + #known.rest - 1 and string.find(raw, known.rest, from, true) then return known.record end
  if decodedCount == MAX_DECODED then decoded, decodedCount = {}, 0 end
  local rest = string.sub(raw, from)
  decoded[key], decodedCount = { rest = rest, record = cmsgpack.unpack(rest) }, decodedCount + 1
  return decoded[key].record
end

local function readRecord(kind, key, raw)
  local front = fronts[kind]
  if not front then return cmsgpack.unpack(raw) end
  local record = decode(key, raw, front.bytes + 1)
  front.read(record, raw)
  return record
end

local function packRecord(kind, record)
  local front, rest = fronts[kind], {}
  for field, value in pairs(record) do
    if field ~= 'key' and not (front and front.fields[field]) then rest[field] = value end
  end
  return (front and front.pack(record) or '') .. cmsgpack.pack(rest)
end

local function recordKey(kind, id)
  return S.tag .. ':' .. kind .. ':' .. id
end

-- A record has its key with it, which is not written.
local function keep(key, record)
  S.found[key] = record
  if record then record.key = key end
  return record or nil
end

function get(kind, id)
  local key = recordKey(kind, id)
  local record = S.found[key]
  if record ~= nil then return record or nil end
  local raw = redis.call('GET', key)
  return keep(key, raw and readRecord(kind, key, raw))
end

local function change(record, what)
  S.changes[record] = what
end

function touch(record)
  change(record, 'all')
  local key = record.key
  if key then decoded[key] = nil end
end

-- Of the record, only numbers in front have changed.
function stir(record)
  if not S.changes[record] then change(record, 'front') end
end

function put(kind, record)
  keep(recordKey(kind, record.id), record)
  touch(record)
  return record
end

function delete(kind, id)
  local key = recordKey(kind, id)
  S.found[key] = false
  S.deleted[#S.deleted + 1] = key
end

-- The step has failed, and may have changed what it has not touched.
function doubt()
  for key in pairs(S.found) do decoded[key] = nil end
end

function flush()
  if #S.deleted > 0 then redis.call('UNLINK', unpack(S.deleted)) end
  for record, what in pairs(S.changes) do
    local key = record.key
    if S.found[key] == record then
      local kind = string.sub(key, #S.tag + 2, #S.tag + 2)
      if what == 'front' then
        redis.call('SETRANGE', key, '0', fronts[kind].pack(record))
      else
        redis.call('SET', key, packRecord(kind, record))
      end
    end
  end
  if S.order then redis.call('HSET', S.tag .. ':meta', 'order', whole(S.order)) end
end

end
`;
