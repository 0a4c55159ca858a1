/**
 * The outbox: a stream of records, each with a name that is its alone for ever, and a consumer group for each reader,
 * whose position is what it has acknowledged. `XINFO GROUPS` shows how far each is behind.
 */
export const OUTBOX = String.raw`
local function outboxKey()
  return S.tag .. ':outbox'
end

-- Nothing is written for nobody.
local function openRecords()
  S.records = #S.limits.outbox.groups > 0 and {}
end

-- To be called only where S.records is there, so that nothing is put together in vain.
local function record(kind, data)
  S.records[#S.records + 1] = '"kind":"' .. kind .. '","at":' .. S.nowText .. ',"data":' .. data .. '}'
end

local function createReader(group, id, read)
  redis.call('XGROUP', 'CREATE', outboxKey(), group, id, 'MKSTREAM', 'ENTRIESREAD', whole(read))
end

local function writeRecords()
  local records, most = S.records, S.limits.outbox.records
  if not records then return end
  local bound = most > 0 and whole(most) or '9007199254740991'
  local name = origin()
  for i, rest in ipairs(records) do
    local entry = '{"id":"' .. name .. '.' .. i .. '",' .. rest
    local function add()
      return redis.call('XADD', outboxKey(), 'NOMKSTREAM', 'MAXLEN', '=', bound, '*', 'record', entry)
    end
    if not add() then
      for _, group in ipairs(S.limits.outbox.groups) do createReader(group, '0', 0) end
      add()
    end
  end
end

local function recordEnd(ticket, expired)
  if not S.records or ticket.party then return end
  local named = '{"ticket_id":' .. text(ticket.id) .. ',"pool":' .. text(ticket.pool)
  if expired then
    record('ticket.expired', named .. ',"reason":"' .. expired .. '"}')
  else
    record('ticket.cancelled', named .. '}')
  end
end
`;

/** What readers of the outbox do: one batch of each is out at a time. */
export const OUTBOX_READERS = String.raw`
-- Replies of XINFO are names and values in turn.
local function factsOf(reply)
  local facts = {}
  for i = 1, #reply, 2 do facts[reply[i]] = reply[i + 1] end
  return facts
end

local function readersOf(key)
  local readers = {}
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local facts = factsOf(reply)
    readers[facts.name] = { id = facts['last-delivered-id'], read = tonumber(facts['entries-read'] or 0) }
  end
  return readers
end

-- How many records were ever written, and how many of them are no longer there; both count from the first.
local function extentOf(key)
  local facts = factsOf(redis.call('XINFO', 'STREAM', key))
  return facts['entries-added'], facts['entries-added'] - facts.length
end

local function outKey()
  return S.tag .. ':outbox-out'
end

-- The batch a reader has, and how many records it has lost.
local function outOf(group)
  local out, lost = unpack(redis.call('HMGET', outKey(), group, group .. ':lost'))
  return out and cjson.decode(out) or nil, tonumber(lost or '0')
end

local function behindOf(reader, dropped, out)
  return math.max(0, dropped - (out and out.number or reader.read))
end

-- A reader that is new to the namespace begins with what comes from now on.
local function openOutbox()
  local key = outboxKey()
  if #S.limits.outbox.groups == 0 then return end
  local isThere = redis.call('EXISTS', key) == 1
  local readers = isThere and readersOf(key) or {}
  for _, group in ipairs(S.limits.outbox.groups) do
    if not readers[group] then createReader(group, '$', isThere and extentOf(key) or 0) end
  end
end

-- An instance begins.
function steps.open()
  openOutbox()
  return text(epochOf())
end

function steps.outboxTake(a)
  local key, receipt = outboxKey(), origin()
  if not at(S.limits.outbox.groups, a.group) or redis.call('EXISTS', key) == 0 then return 'null' end
  local reader = readersOf(key)[a.group]
  if not reader then
    -- The state has lost its memory: all there is has come since.
    createReader(a.group, '0', 0)
    reader = { id = '0-0', read = 0 }
  end
  local out, lost = outOf(a.group)
  if out and S.now < out['until'] then return 'null' end
  local _, dropped = extentOf(key)
  lost = lost + behindOf(reader, dropped)
  local entries = redis.call('XRANGE', key, '(' .. reader.id, '+', 'COUNT', a.limit)
  if #entries == 0 then
    redis.call('HDEL', outKey(), a.group)
    return '{"lost":' .. whole(lost) .. ',"records":[]}'
  end
  local records = {}
  for i, entry in ipairs(entries) do records[i] = entry[2][2] end
  if dropped > reader.read then
    -- Just before what is left, so that what is lost is counted once.
    local ms, seq = string.match(entries[1][1], '^(%d+)-(%d+)$')
    local before = seq == '0' and whole(tonumber(ms) - 1) .. '-18446744073709551615' or ms .. '-' .. whole(tonumber(seq) - 1)
    redis.call('XGROUP', 'SETID', key, a.group, before, 'ENTRIESREAD', whole(dropped))
    redis.call('HSET', outKey(), a.group .. ':lost', whole(lost))
    reader.read = dropped
  end
  redis.call('HSET', outKey(), a.group, cjson.encode({
    consumer = a.consumer, receipt = receipt, last = entries[#entries][1], number = reader.read + #entries,
    ['until'] = S.now + a.leaseMs,
  }))
  return '{"lost":' .. whole(lost) .. ',"records":' .. array(records) .. ',"receipt":' .. text(receipt) .. '}'
end

function steps.outboxAcknowledge(a)
  local key = outboxKey()
  local out = outOf(a.group)
  if not out or out.receipt ~= a.receipt then return 'false' end
  redis.call('HDEL', outKey(), a.group)
  if redis.call('EXISTS', key) == 0 then return 'true' end
  redis.call('XGROUP', 'SETID', key, a.group, out.last, 'ENTRIESREAD', whole(out.number))
  local slowest
  for _, reader in pairs(readersOf(key)) do
    if not slowest or reader.read < slowest.read then slowest = reader end
  end
  local ms, seq = string.match(slowest.id, '^(%d+)-(%d+)$')
  redis.call('XTRIM', key, 'MINID', ms .. '-' .. whole(tonumber(seq) + 1))
  return 'true'
end

function steps.outboxRelease(a)
  local out = outOf(a.group)
  if out and out.receipt == a.receipt then redis.call('HDEL', outKey(), a.group) end
  return 'null'
end

function steps.outboxState(a)
  local key = outboxKey()
  local reader = redis.call('EXISTS', key) == 1 and readersOf(key)[a.group]
  local out, lost = outOf(a.group)
  if not reader then return '{"pending":0,"oldestAt":null,"lost":' .. whole(lost) .. '}' end
  local added, dropped = extentOf(key)
  local oldest = redis.call('XRANGE', key, '(' .. reader.id, '+', 'COUNT', 1)[1]
  local oldestAt = oldest and string.match(oldest[2][2], '"at":(%d+)')
  return '{"pending":' .. whole(added - math.max(reader.read, dropped)) .. ',"oldestAt":' .. (oldestAt or 'null') ..
    ',"lost":' .. whole(lost + behindOf(reader, dropped, out)) .. '}'
end
`;
