/**
 * Event logs: a list per participant; the entry numbered `seq` is at `seq - head - 1`, from the end. In front of an entry's JSON stand its
 * time, its room and, of a message, the message's number, so that a reader need not decode what it passes over.
 */
export const LOGS = String.raw`
local SCAN = 256
-- A list is shortened by so many at a time, because shortening moves what remains; nobody is shown what is too many.
local TRIMMED_AT_ONCE = 64
local HOUR = 3600000

local function logKey(person)
  return personKey(person, 'log')
end

-- Time, room, message number and JSON of an entry.
local function entryParts(entry)
  local _, _, time, room, seq, json = string.find(entry, '^(%d+) (%S+) (%S+) (.*)$')
  return tonumber(time), room, tonumber(seq), json
end

local function dropOld(person)
  local age = S.limits.eventLogAgeMs
  if age == 0 or not person.oldest or person.oldest >= S.now - age then return end
  local key = logKey(person)
  stir(person)
  while true do
    local entry = redis.call('LINDEX', key, 0)
    person.oldest = entry and entryParts(entry) or nil
    if not entry or person.oldest >= S.now - age then return end
    redis.call('LPOP', key)
  end
end

-- Appends to a list of which so many are kept, and returns its length; 0 keeps all.
local function append(key, entry, keep)
  local length = redis.call('RPUSH', key, entry)
  if keep > 0 and length >= keep + math.min(keep, TRIMMED_AT_ONCE) then redis.call('LTRIM', key, -keep, -1) end
  return length
end

-- The number of the oldest that is kept of a list, of which last is the newest.
local function firstOf(key, last, keep)
  local length = redis.call('LLEN', key)
  return last - (keep > 0 and math.min(length, keep) or length) + 1
end

-- Adds an event to what was told, in pieces, because a string costs by its length whenever one is made. The first piece is
-- what stands before all events. The data stands on a line of its own, so that others need not read it.
local function note(events, logs, head, data, tail)
  local n = #events
  events[n + 1], events[n + 2], events[n + 3] = n > 1 and ',[[' or '[[', logs, '],'
  events[n + 4], events[n + 5], events[n + 6], events[n + 7] = head, '\n', data, tail
end

-- Writes one event to the logs of all these and notes it: for the others, and for the caller, who may know what is in it.
local function tell(people, name, data, room, seq, isKnown)
  if #people == 0 then return end
  local head = '{"name":"' .. name .. '","at":' .. S.nowText .. ',"data":'
  local entry = S.nowText .. ' ' .. (room or '-') .. ' ' .. (seq or '-') .. ' ' .. head .. data .. '}'
  local keep, age = S.limits.eventLogEntries, S.limits.eventLogAgeMs
  local logs = {}
  for i, person in ipairs(people) do
    local key = logKey(person)
    dropOld(person)
    person.head = person.head + 1
    if not person.oldest or S.now < person.oldest then person.oldest = S.now end
    local length = append(key, entry, keep)
    if age > 0 and (length == 1 or S.now - (person.kept or 0) > HOUR) then
      redis.call('PEXPIRE', key, age + 2 * HOUR)
      person.kept = S.now
    end
    stir(person)
    logs[i] = '[' .. text(person.id) .. ',' .. text(person.log) .. ',' .. count(person.head) .. ']'
  end
  local to = joined(logs)
  note(S.told, to, head, data, '\n}]')
  if isKnown then note(S.answered, to, 'null', '', ']') else note(S.answered, to, head, data, '\n}]') end
end

local function roomPosition(person, roomId)
  local position = redis.call('ZSCORE', personKey(person, 'read'), roomId)
  return position and tonumber(position)
end

local function logFirst(person)
  return firstOf(logKey(person), person.head, S.limits.eventLogEntries)
end

-- Entries from..to, of those that there are.
local function logEntries(person, from, to)
  return redis.call('LRANGE', logKey(person), from - person.head - 1, math.min(to, person.head) - person.head - 1)
end

local function readEvents(person, query)
  dropOld(person)
  local first, head = logFirst(person), person.head
  local positions = {}
  local function positionOf(room)
    if positions[room] == nil then positions[room] = roomPosition(person, room) or 0 end
    return positions[room]
  end
  local after = query.after or math.max(person.read, query.roomId and positionOf(query.roomId) or 0)
  local found, truncated, position = {}, after + 1 < first or after > head, after
  local from = math.max(after + 1, first)
  while from <= head do
    local entries = logEntries(person, from, from + SCAN - 1)
    for i, entry in ipairs(entries) do
      if #found == query.limit then return found, truncated, position end
      local _, room, _, json = entryParts(entry)
      local isSeen = query.roomId and room ~= query.roomId
        or not query.after and room ~= '-' and from + i - 1 <= positionOf(room)
      position = from + i - 1
      if not isSeen then found[#found + 1] = '[' .. whole(position) .. ',' .. json .. ']' end
    end
    from = from + SCAN
  end
  return found, truncated, head
end
`;
