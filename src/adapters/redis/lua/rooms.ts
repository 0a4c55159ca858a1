/** Rooms, their members and their messages; who may read what of them, and how far they have. */
export const ROOMS = String.raw`
-- How many sent messages of a member stay known by client_message_id, and former members by id.
local REMEMBERED = 1000
-- How many rooms that somebody has left are known by them.
local REMEMBERED_LEFT = 1000

-- Active rooms by when they were opened: all of them, or those of a pool.
local function openRoomsKey(pool)
  return S.tag .. ':rooms' .. (pool and ':' .. pool or '')
end

local function profile(person)
  return '{"user_id":' .. text(person.id) .. ',"display_name":' .. text(person.name) .. '}'
end

local function sender(person)
  return '{"user_id":' .. text(person.id) .. ',"display_name":' .. text(person.name) ..
    ',"provenance":' .. text(person.provenance) .. '}'
end

-- Messages after from are theirs to read, up to to once they have left; order is that of coming.
local function membership(room, id)
  local raw = redis.call('HGET', roomKey(room, 'members'), id)
  if not raw then return end
  local _, _, from, to, read, order = string.find(raw, '^(%d+) (%S+) (%d+) (%d+)$')
  return { from = tonumber(from), to = tonumber(to), read = tonumber(read), order = tonumber(order) }
end

local function remember(room, id, of)
  local to = of.to and whole(of.to) or '-'
  redis.call('HSET', roomKey(room, 'members'), id,
    whole(of.from) .. ' ' .. to .. ' ' .. whole(of.read) .. ' ' .. whole(of.order))
end

local function markRead(room, id, seq)
  local of = membership(room, id)
  if of and seq > of.read then
    of.read = seq
    remember(room, id, of)
  end
end

local function knows(room, id)
  return at(room.members, id) ~= nil or redis.call('HEXISTS', roomKey(room, 'members'), id) == 1
end

local function peopleIn(room, except)
  local people = {}
  for _, id in ipairs(room.members) do
    local person = id ~= except and get('p', id)
    if person then people[#people + 1] = person end
  end
  return people
end

local function forgetOldestFormer(room)
  local key = roomKey(room, 'members')
  if redis.call('HLEN', key) <= REMEMBERED then return end
  local known = redis.call('HGETALL', key)
  local oldest, least
  for i = 1, #known, 2 do
    local order = tonumber(string.match(known[i + 1], '(%d+)$'))
    if not at(room.members, known[i]) and (not least or order < least) then oldest, least = known[i], order end
  end
  if oldest then redis.call('HDEL', key, oldest) end
end

local function enter(person, room)
  local of = membership(room, person.id)
  if not of then of = { from = room.last, read = room.last } end
  of.to, of.order = nil, nextOrder()
  remember(room, person.id, of)
  room.members[#room.members + 1] = person.id
  person.rooms[#person.rooms + 1] = room.id
  touch(room)
  touch(person)
  forgetOldestFormer(room)
end

local function backfillOf(room)
  if not room.backfill then return end
  if not S.backfills[room.id] then
    S.backfills[room.id] = cmsgpack.unpack(redis.call('GET', roomKey(room, 'backfill')))
  end
  return S.backfills[room.id]
end

local function keepBackfill(room, backfill)
  S.backfills[room.id] = backfill
  redis.call('SET', roomKey(room, 'backfill'), cmsgpack.pack(backfill))
end

local function quit(person, room)
  without(room.members, person.id)
  without(person.rooms, room.id)
  touch(room)
  touch(person)
  local backfill = backfillOf(room)
  if backfill and backfill.came[person.id] then
    local ticketId = backfill.came[person.id]
    backfill.came[person.id] = nil
    local isStillUsed = false
    for _, id in pairs(backfill.came) do isStillUsed = isStillUsed or id == ticketId end
    if not isStillUsed then backfill.tickets[ticketId] = nil end
    keepBackfill(room, backfill)
  end
  local of = membership(room, person.id)
  of.to = room.last
  remember(room, person.id, of)
  local left = personKey(person, 'left')
  if redis.call('RPUSH', left, room.id) > REMEMBERED_LEFT then redis.call('LPOP', left) end
end

local function firstMessage(room)
  return firstOf(roomKey(room, 'log'), room.last, S.limits.roomHistory)
end

-- Messages from..to, of those that there are.
local function messagesOf(room, from, to)
  return redis.call('LRANGE', roomKey(room, 'log'), from - room.last - 1, to - room.last - 1)
end

local function unread(room, id)
  local of = membership(room, id)
  local to = of.to or room.last
  if of.read >= to then return 0 end
  local first = firstMessage(room)
  local from = math.max(of.read + 1, first)
  if from > to then return 0 end
  local count, own = 0, id .. ' '
  for _, message in ipairs(messagesOf(room, from, to)) do
    if string.sub(message, 1, #own) ~= own then count = count + 1 end
  end
  return count
end

local function roomView(room, id)
  local members, partners = {}, {}
  for _, person in ipairs(peopleIn(room)) do
    members[#members + 1] = sender(person)
    if person.id ~= id then partners[#partners + 1] = profile(person) end
  end
  return '{"roomId":' .. text(room.id) .. ',"kind":"' .. room.kind .. '","name":' .. text(room.name) ..
    ',"active":' .. flag(room.active) .. ',"capacity":' .. room.capacity .. ',"members":' .. array(members) ..
    ',"partners":' .. array(partners) .. ',"lastSeq":' .. whole(room.last) .. ',"unread":' .. unread(room, id) ..
    ',"supervised":' .. flag(room.supervised) .. '}'
end

-- The JSON of messages from..to, of those that there are.
local function messagesJson(room, from, to)
  local messages = {}
  if from > to then return messages end
  for i, message in ipairs(messagesOf(room, from, to)) do
    messages[i] = string.sub(message, string.find(message, ' ', 1, true) + 1)
  end
  return messages
end

-- A page of the messages after of.from up to of.to, and the number of its last if there is one.
local function readPage(room, of, query)
  local to = of.to or room.last
  local kept = firstMessage(room)
  local first = math.max(of.from + 1, kept)
  local behind = math.min(query.before or to + 1, to + 1)
  local from, last
  if query.after then
    from = math.max(query.after + 1, first)
    last = math.min(from + query.limit - 1, to)
  else
    from = math.max(behind - query.limit, first)
    last = behind - 1
  end
  local messages = messagesJson(room, from, last)
  local wanted = query.after and query.after + 1 or of.from + 1
  local truncated = from == first and wanted < kept and of.from + 1 < kept
  return '{"messages":' .. array(messages) ..
    (last < to and #messages > 0 and ',"next":' .. whole(last) or '') ..
    (from > first and ',"previous":' .. whole(from) or '') ..
    ',"truncated":' .. flag(truncated) .. '}', #messages > 0 and last or nil
end

-- A page of what somebody may read, which is marked read.
local function page(room, id, query)
  local json, last = readPage(room, membership(room, id), query)
  if last then markRead(room, id, last) end
  return json
end

-- Somebody in a room, as the outbox has it.
local function recordMember(room, person)
  return '{"user_id":' .. text(person.id) .. ',"display_name":' .. text(person.name) ..
    ',"provenance":' .. text(person.provenance) ..
    ',"principal":' .. (person.principal and text(person.principal) or 'null') ..
    ',"after_seq":' .. whole(membership(room, person.id).from) .. '}'
end

-- People have come into a room, which was opened for them unless others were there.
local function recordSeats(room, wasOpen, people, reasons, tickets)
  local members = {}
  for i, person in ipairs(people) do members[i] = recordMember(room, person) end
  if not wasOpen then
    return record('room.opened', '{"room_id":' .. text(room.id) .. ',"kind":"' .. room.kind .. '","name":' ..
      text(room.name) .. ',"capacity":' .. room.capacity .. ',"members":' .. array(members) ..
      ',"reasons":' .. reasons .. ',"tickets":' .. texts(tickets) .. '}')
  end
  for _, member in ipairs(members) do
    record('room.joined', '{"room_id":' .. text(room.id) .. ',"member":' .. member .. ',"reasons":' .. reasons .. '}')
  end
end

local function openRoom(id, kind, name, capacity)
  redis.call('ZADD', openRoomsKey(), S.nowText, id)
  if kind == 'match' then redis.call('ZADD', openRoomsKey(name), S.nowText, id) end
  return put('r', {
    id = id, kind = kind, name = name, capacity = capacity, active = true, members = {}, last = 0, openedAt = S.now,
  })
end

-- An operator watches: those who come are told.
local function tellSupervised(people, room)
  tell(people, 'room.supervised', '{"room_id":' .. text(room.id) .. ',"supervised":' .. flag(room.supervised) .. '}', room.id)
end

local function forgetRoom(id)
  local room = { id = id }
  delete('r', id)
  redis.call('UNLINK', roomKey(room, 'members'), roomKey(room, 'log'), roomKey(room, 'sent'),
    roomKey(room, 'sent-order'), roomKey(room, 'backfill'))
  redis.call('ZREM', S.tag .. ':ended', id)
  unschedule('room', id)
end
`;
