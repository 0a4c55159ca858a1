import { FORMER_MAX } from '../../../ports/operator-steps.js';

/** The steps of operators. Lists come by places: what stands there is looked up, and what is no more is taken off. */
export const OPERATORS = String.raw`
-- A function of its own: a chunk has no more than 200 local variables.
(function()
local FORMER_MAX = ${FORMER_MAX}
-- How many entries of those that are no more are taken off by one look for the oldest.
local CLEARED_AT_ONCE = 100

-- The first of several lists of places, in order.
local function merged(lists, limit)
  local all = {}
  for _, places in ipairs(lists) do
    for _, place in ipairs(places) do all[#all + 1] = place end
  end
  table.sort(all, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.tie < b.tie
  end)
  while #all > limit do table.remove(all) end
  return all
end

-- A page of what stands at these places, one more than it may have; show gives nil for what is no more.
local function pageOf(places, limit, show)
  local items, next = {}, 'null'
  if #places > limit then
    local last = places[limit]
    next = '{"at":' .. whole(last.at) .. ',"tie":' .. text(last.tie) .. '}'
  end
  for i = 1, math.min(#places, limit) do items[#items + 1] = show(places[i]) end
  return '{"items":' .. array(items) .. ',"next":' .. next .. '}'
end

local function knownPools()
  local known = {}
  for _, field in ipairs(redis.call('HKEYS', S.tag .. ':meta')) do
    known[#known + 1] = string.match(field, '^changes:(.+)$')
  end
  return known
end

function steps.totals()
  local tickets = 0
  for _, pool in ipairs(knownPools()) do
    tickets = tickets + redis.call('ZCARD', listKey(pool, 'people')) + redis.call('ZCARD', listKey(pool, 'others'))
  end
  return '{"participants":' .. (redis.call('HGET', S.tag .. ':meta', 'participants') or '0') ..
    ',"activeRooms":' .. redis.call('ZCARD', openRoomsKey()) .. ',"tickets":' .. tickets .. '}'
end

-- Since when the first of those waits who still do.
local function oldestAt(pool)
  local key = listKey(pool, 'people')
  for _ = 1, CLEARED_AT_ONCE do
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if #first == 0 then return end
    if redis.call('EXISTS', S.tag .. ':k:' .. first[1]) == 1 then return tonumber(first[2]) end
    redis.call('ZREM', key, first[1])
  end
end

function steps.poolFigures(a)
  local figures = {}
  for i, pool in ipairs(a.pools) do
    local oldest = oldestAt(pool)
    figures[i] = '{"pool":' .. text(pool) .. ',"waiting":' .. redis.call('ZCARD', listKey(pool, 'people')) ..
      ',"oldestAt":' .. (oldest and whole(oldest) or 'null') .. '}'
  end
  return array(figures)
end

function steps.poolControls()
  local controls, all = {}, redis.call('HGETALL', pools.controlsKey())
  for i = 1, #all, 2 do
    local _, _, mode, strategy = string.find(all[i + 1], '^(%S+) (.*)$')
    controls[#controls + 1] = text(all[i]) .. ':{"mode":"' .. mode .. '","strategy":' .. strategy .. '}'
  end
  return '{' .. joined(controls) .. '}'
end

function steps.controlPool(a)
  pools.control(a.pool, a.mode, a.strategy)
  return 'null'
end

local function senders(people)
  local shown = {}
  for i, person in ipairs(people) do shown[i] = sender(person) end
  return array(shown)
end

local function ticketFacts(ticket)
  local state = ticket.state == 'waiting' and 'waiting' or ticket.offerId and 'offered' or 'gathering'
  return '{"ticketId":' .. text(ticket.id) .. ',"pool":' .. text(ticket.pool) .. ',"state":"' .. state ..
    '","members":' .. senders(ticket.roomId and {} or membersOf({ ticket })) .. ',"group":' .. groupJson(ticket.group) ..
    ',"priority":' .. text(ticket.priority) .. ',"enqueuedAt":' .. whole(ticket.enqueuedAt) ..
    ',"roomId":' .. (ticket.roomId and text(ticket.roomId) or 'null') .. '}'
end

function steps.listTickets(a)
  local lists = {}
  for i, part in ipairs({ 'people', 'others' }) do lists[i] = pools.behind(listKey(a.pool, part), a.after, a.limit + 1) end
  return pageOf(merged(lists, a.limit + 1), a.limit, function(place)
    local ticket = get('k', place.tie)
    if ticket and ticket.pool == a.pool then return ticketFacts(ticket) end
    for _, part in ipairs({ 'people', 'others' }) do redis.call('ZREM', listKey(a.pool, part), place.tie) end
  end)
end

function steps.ticketFacts(a)
  local ticket = get('k', a.ticketId)
  return ticket and ticketFacts(ticket) or 'null'
end

-- A ticket of people.
local function ticketOf(id)
  local ticket = get('k', id)
  if not ticket then fail('ticket_not_found') end
  if ticket.roomId then fail('ticket_refused', { what = 'stands for a room' }) end
  return ticket
end

function steps.removeTicket(a)
  local ticket = ticketOf(a.ticketId)
  local facts = ticketFacts(ticket)
  endTicket(ticket, 'removed', function() return 'removed' end)
  return facts
end

function steps.moveTicket(a)
  local ticket = ticketOf(a.ticketId)
  local people, from = membersOf({ ticket }), ticket.pool
  if ticket.offerId then fail('ticket_refused', { what = 'is offered a match' }) end
  if ticket.party then fail('ticket_refused', { what = 'waits for the rest of its party' }) end
  for _, person in ipairs(people) do
    if ownTicket(person, a.pool) then
      fail('ticket_refused', { what = 'is of somebody who waits in pool "' .. a.pool .. '" already' })
    end
  end
  if pools.modeOf(a.pool) == 'draining' then fail('pool_closed', { what = a.pool }) end
  setAside(ticket)
  for _, person in ipairs(people) do
    local _, i = ownTicket(person, from)
    table.remove(person.tickets, i)
    person.tickets[#person.tickets + 1] = { pool = a.pool, id = ticket.id }
    touch(person)
  end
  ticket.pool, ticket.group, ticket.version = a.pool, a.group, ticket.version + 1
  if a.ttlMs > 0 then schedule('ttl', ticket.id, S.now + a.ttlMs) else unschedule('ttl', ticket.id) end
  wait(ticket)
  release(ticket)
  local moved = '{"ticket_id":' .. text(ticket.id) .. ',"from":' .. text(from) .. ',"pool":' .. text(a.pool) .. '}'
  if S.records then record('ticket.moved', moved) end
  tell(people, 'queue.moved', moved)
  return ticketFacts(ticket)
end

-- Who was in a room and is known still: the last to come, in the order of coming.
local function formerOf(room)
  local all = redis.call('HGETALL', roomKey(room, 'members'))
  local orders, ids, people = {}, {}, {}
  for i = 1, #all, 2 do
    if not at(room.members, all[i]) then
      ids[#ids + 1] = all[i]
      orders[all[i]] = tonumber(string.match(all[i + 1], '(%d+)$'))
    end
  end
  table.sort(ids, function(one, other) return orders[one] > orders[other] end)
  for _, id in ipairs(ids) do
    local person = #people < FORMER_MAX and get('p', id)
    if person then table.insert(people, 1, person) end
  end
  return people
end

local function roomFacts(room)
  return '{"roomId":' .. text(room.id) .. ',"kind":"' .. room.kind .. '","name":' .. text(room.name) ..
    ',"active":' .. flag(room.active) .. ',"capacity":' .. room.capacity ..
    ',"openedAt":' .. whole(room.openedAt or 0) .. ',"members":' .. senders(peopleIn(room)) ..
    ',"former":' .. senders(formerOf(room)) .. ',"lastSeq":' .. whole(room.last) ..
    ',"supervised":' .. flag(room.supervised) .. '}'
end

-- The place of the active room of a name.
local function placeOfNamed(name, after)
  local id = redis.call('HGET', S.tag .. ':named', name)
  local opened = id and redis.call('ZSCORE', openRoomsKey(), id)
  if not opened then return {} end
  local place = { at = tonumber(opened), tie = id }
  local isBehind = not after or place.at > after.at or place.at == after.at and place.tie > after.tie
  return isBehind and { place } or {}
end

function steps.listRooms(a)
  local lists = { pools.behind(openRoomsKey(a.name), a.after, a.limit + 1) }
  if a.name then lists[2] = placeOfNamed(a.name, a.after) end
  return pageOf(merged(lists, a.limit + 1), a.limit, function(place)
    local room = get('r', place.tie)
    if room and room.active then return roomFacts(room) end
    redis.call('ZREM', openRoomsKey(), place.tie)
    if a.name then redis.call('ZREM', openRoomsKey(a.name), place.tie) end
  end)
end

function steps.roomFacts(a)
  local room = get('r', a.roomId)
  return room and roomFacts(room) or 'null'
end

local function anyRoom(id)
  local room = get('r', id)
  if not room then fail('room_not_found') end
  return room
end

local function activeRoom(id)
  local room = anyRoom(id)
  if not room.active then fail('room_ended') end
  return room
end

function steps.closeRoom(a)
  closeRoom(activeRoom(a.roomId), 'closed_by_operator')
  return 'null'
end

function steps.transcript(a)
  return (readPage(anyRoom(a.roomId), { from = 0 }, a.query))
end

function steps.supervise(a)
  local room = activeRoom(a.roomId)
  if (room.supervised or false) == a.supervised then return 'null' end
  room.supervised = a.supervised
  touch(room)
  tellSupervised(peopleIn(room), room)
  return 'null'
end

function steps.participantFacts(a)
  local person = get('p', a.id)
  if not person then return 'null' end
  local tickets, imposed = {}, {}
  for i, own in ipairs(person.tickets) do tickets[i] = own.id end
  local ids, found = sanctions.of(person)
  for _, id in ipairs(ids) do
    if sanctions.isInForce(found[id].till) then imposed[#imposed + 1] = redis.call('HGET', sanctions.key(''), id) end
  end
  return '{"participantId":' .. text(person.id) .. ',"displayName":' .. text(person.name) ..
    ',"provenance":' .. text(person.provenance) ..
    ',"principal":' .. (person.principal and text(person.principal) or 'null') ..
    ',"attributes":' .. person.attributes .. ',"presence":"' .. person.presence .. '","ticketIds":' .. texts(tickets) ..
    ',"roomIds":' .. texts(person.rooms) .. ',"sanctions":' .. array(imposed) .. '}'
end

-- Takes somebody out of their queues and rooms, of which they are told.
local function dismiss(person)
  for _, roomId in ipairs(person.rooms) do
    tell({ person }, 'room.closed', '{"room_id":' .. text(roomId) .. ',"reason":"closed_by_operator"}', roomId)
  end
  depart(person, 'removed', 'removed')
end

function steps.dismiss(a)
  local person = get('p', a.id)
  if not person then fail('participant_not_found') end
  dismiss(person)
  return 'null'
end

local function concerned(subject)
  local ids = subject.principal and redis.call('ZRANGE', principalKey(subject.principal), 0, -1)
    or { subject.participantId }
  local people = {}
  for _, id in ipairs(ids) do people[#people + 1] = get('p', id) end
  return people
end

-- True when there was such a sanction.
endSanction = function(id)
  local sanction = sanctions.drop(id)
  for _, person in ipairs(sanction and concerned(sanction.subject) or {}) do sanctions.restrict(person) end
  return sanction ~= nil
end

function steps.impose(a)
  local people = concerned(a)
  if a.participantId and #people == 0 then fail('participant_not_found') end
  for _, id in ipairs(takeDue('sanction', EXPIRED_AT_ONCE)) do endSanction(id) end
  if redis.call('HLEN', sanctions.key('')) >= a.max then fail('too_many_sanctions', { limit = a.max }) end
  local till = a.till or sanctions.FOREVER
  redis.call('HSET', sanctions.key(''), a.id, a.sanction)
  redis.call('ZADD', sanctions.key('-order'), nextOrder(), a.id)
  redis.call('HSET', sanctions.keyOfSubject(a), a.id, a.kind .. ' ' .. whole(till))
  if a.till then schedule('sanction', a.id, a.till) end
  for _, person in ipairs(people) do
    sanctions.restrict(person)
    if a.kind == 'ban' and sanctions.isInForce(till) then dismiss(person) end
  end
  return 'null'
end

function steps.lift(a)
  return flag(endSanction(a.id))
end

function steps.sanctions(a)
  local from = a.after and '(' .. whole(a.after.at) or '+inf'
  local found = redis.call('ZREVRANGEBYSCORE', sanctions.key('-order'), from, '-inf', 'WITHSCORES', 'LIMIT', 0, a.limit + 1)
  local places = {}
  for i = 1, #found, 2 do places[#places + 1] = { at = tonumber(found[i + 1]), tie = found[i] } end
  return pageOf(places, a.limit, function(place)
    local raw = redis.call('HGET', sanctions.key(''), place.tie)
    local till = raw and cjson.decode(raw)['until']
    if type(till) ~= 'number' or sanctions.isInForce(till) then return raw end
  end)
end
end)()
`;
