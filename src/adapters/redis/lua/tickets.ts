import { UNANSWERED_MS } from '../../../ports/state-store.js';

/**
 * Tickets: the waiting ones in a sorted set for each pool and range of group sizes, those gathering or offered a match
 * beside them. A pool's change list names the tickets that began or ceased to wait, or whose members' relations changed,
 * so that an instance keeps its replica of the pool current by what is new.
 */
export const TICKETS = String.raw`
local MAX_AVOIDED = 100
local REMEMBERED_SIZES = 32
local RECENT_MATCHES = 20
local MAX_CHANGES = 10000
local UNANSWERED_MS = ${UNANSWERED_MS}

local function changed(pool, ticketId)
  local length = redis.call('RPUSH', S.tag .. ':pool:' .. pool .. ':changes', ticketId)
  if length >= 2 * MAX_CHANGES then redis.call('LTRIM', S.tag .. ':pool:' .. pool .. ':changes', -MAX_CHANGES, -1) end
  redis.call('HINCRBY', S.tag .. ':meta', 'changes:' .. pool, 1)
end

relationsChanged = function(person)
  local ids = {}
  for _, own in ipairs(person.tickets) do ids[#ids + 1] = own.id end
  for _, roomId in ipairs(person.rooms) do
    local room = get('r', roomId)
    if room and room.backfill then ids[#ids + 1] = roomId end
  end
  for _, id in ipairs(ids) do
    local ticket = get('k', id)
    if ticket and ticket.state == 'waiting' then changed(ticket.pool, id) end
  end
end

local function sizesOf(group)
  return group.minimum .. '-' .. group.maximum .. '-' .. group.multiple
end

local function queueKey(pool, sizes)
  return S.tag .. ':pool:' .. pool .. ':' .. sizes
end

-- Tickets of one moment stand in the order in which they first waited.
local function place(ticket)
  return string.format('%016.0f:', ticket.order) .. ticket.id
end

local function idAt(member)
  return string.sub(member, 18)
end

-- How a pool knows a range of sizes, with the times of its recent matches.
local function matchesOf(pool, sizes)
  local raw = redis.call('HGET', S.tag .. ':pool:' .. pool, sizes)
  return raw and cmsgpack.unpack(raw)
end

local function openQueue(pool, sizes)
  local key = S.tag .. ':pool:' .. pool
  local matches = matchesOf(pool, sizes)
  if matches then return matches end
  if redis.call('HLEN', key) >= REMEMBERED_SIZES then
    for _, other in ipairs(redis.call('HKEYS', key)) do
      if redis.call('ZCARD', queueKey(pool, other)) == 0 then redis.call('HDEL', key, other) end
    end
  end
  redis.call('HSET', key, sizes, cmsgpack.pack({}))
  return {}
end

-- Where operators look: tickets of people that wait, and all others, by seniority.
local function listKey(pool, part)
  return S.tag .. ':pool:' .. pool .. ':' .. part
end

-- Lists a ticket in one of the two; nil: in neither.
local function list(ticket, part)
  if ticket.listed and ticket.listed ~= part then redis.call('ZREM', listKey(ticket.pool, ticket.listed), ticket.id) end
  if part then redis.call('ZADD', listKey(ticket.pool, part), whole(ticket.enqueuedAt), ticket.id) end
  ticket.listed = part
end

local function wait(ticket)
  local sizes = sizesOf(ticket.group)
  openQueue(ticket.pool, sizes)
  if ticket.order == 0 then ticket.order = nextOrder() end
  ticket.state = 'waiting'
  redis.call('ZADD', queueKey(ticket.pool, sizes), whole(ticket.enqueuedAt), place(ticket))
  list(ticket, ticket.roomId and 'others' or 'people')
  changed(ticket.pool, ticket.id)
  touch(ticket)
end

-- Takes a ticket out of its queue.
local function setAside(ticket)
  if ticket.state ~= 'waiting' then return end
  redis.call('ZREM', queueKey(ticket.pool, sizesOf(ticket.group)), place(ticket))
  list(ticket, nil)
  changed(ticket.pool, ticket.id)
  ticket.state = 'aside'
  ticket.released = false
  unschedule('wake', ticket.id)
  touch(ticket)
end

local function release(ticket)
  ticket.released = true
  touch(ticket)
  schedule('wake', ticket.id, atOnce())
end

-- The strategy is asked for it; should whoever asks not come to say what came of it, somebody asks again.
local function lookAgain(ticket)
  schedule('wake', ticket.id, S.now + UNANSWERED_MS)
end

local function ownTicket(person, pool)
  for i, own in ipairs(person.tickets) do
    if own.pool == pool then return own.id, i end
  end
end

local function removeTicket(ticket)
  setAside(ticket)
  list(ticket, nil)
  delete('k', ticket.id)
  if ticket.roomId then return end
  unschedule('ttl', ticket.id)
  if ticket.party then redis.call('HDEL', S.tag .. ':gathering', ticket.party.key) end
  for _, member in ipairs(ticket.members) do
    local person = get('p', member.id)
    local _, i = ownTicket(person, ticket.pool)
    table.remove(person.tickets, i)
    touch(person)
  end
end

-- Both, without repetition; the newest if they are too many.
local function union(avoided, more)
  local all, known = {}, {}
  for _, list in ipairs({ avoided, more }) do
    for _, id in ipairs(list) do
      if not known[id] then
        known[id] = true
        all[#all + 1] = id
      end
    end
  end
  while #all > MAX_AVOIDED do table.remove(all, 1) end
  return all
end

local function newTicket(given)
  return {
    id = given.id, pool = given.pool, group = given.group, members = { { id = given.participantId, json = given.member } },
    criteria = { given.criteria }, priority = given.priority, enqueuedAt = given.enqueuedAt, version = given.version,
    avoid = given.avoid, order = 0, state = 'aside',
  }
end

-- As senior as its youngest, as urgent as its most urgent member.
local function addMember(ticket, newcomer)
  ticket.members[#ticket.members + 1] = newcomer.members[1]
  ticket.criteria[#ticket.criteria + 1] = newcomer.criteria[1]
  ticket.priority = math.max(ticket.priority, newcomer.priority)
  ticket.enqueuedAt = math.max(ticket.enqueuedAt, newcomer.enqueuedAt)
  ticket.version = ticket.version + 1
  ticket.avoid = union(ticket.avoid, newcomer.avoid)
end

-- Names of pools have no spaces.
local function gatheringKey(pool, party)
  return pool .. ' ' .. party.name
end

local function gatheringTicket(pool, party)
  local id = redis.call('HGET', S.tag .. ':gathering', gatheringKey(pool, party))
  return id and get('k', id)
end

local function requireFit(given, party, person)
  local gathering = party and gatheringTicket(given.pool, party)
  if not gathering then return end
  if gathering.party.size ~= party.size then fail('party_mismatch', { what = 'size' }) end
  for _, name in ipairs({ 'minimum', 'maximum', 'multiple', 'patienceMs' }) do
    if gathering.group[name] ~= given.group[name] then fail('party_mismatch', { what = 'group size' }) end
  end
  -- A block keeps two apart here, too, and nobody learns of it.
  for _, member in ipairs(gathering.members) do
    if areApart(get('p', member.id), person) then fail('party_mismatch', { what = 'name' }) end
  end
end

local function gather(given, party, person)
  local ticket = gatheringTicket(given.pool, party)
  local key = gatheringKey(given.pool, party)
  if ticket then
    addMember(ticket, newTicket(given))
  else
    ticket = put('k', newTicket(given))
    ticket.party = { key = key, size = party.size }
    redis.call('HSET', S.tag .. ':gathering', key, ticket.id)
    -- So that the pool is known.
    redis.call('HINCRBY', S.tag .. ':meta', 'changes:' .. given.pool, 0)
  end
  list(ticket, 'others')
  if #ticket.members >= party.size then
    redis.call('HDEL', S.tag .. ':gathering', key)
    ticket.party = nil
  end
  return ticket
end

local function enterQueue(given, party, ttlMs, person)
  local ticket = party and gather(given, party, person) or put('k', newTicket(given))
  person.tickets[#person.tickets + 1] = { pool = given.pool, id = ticket.id }
  touch(person)
  touch(ticket)
  if ttlMs > 0 then schedule('ttl', ticket.id, S.now + ttlMs) end
  if not ticket.party then
    wait(ticket)
    lookAgain(ticket)
  end
  return ticket
end

-- Puts a ticket back to where it stood, or behind all others, to be looked at now.
local function giveBack(ticket, toTheEnd, avoid)
  if toTheEnd then
    ticket.order = 0
    ticket.enqueuedAt = S.now
  end
  ticket.version = ticket.version + 1
  ticket.avoid = avoid
  wait(ticket)
  if ticket.overdue then schedule('ttl', ticket.id, atOnce()) end
  release(ticket)
end

-- Remembers that these were matched with each other, once for each of their queues, and ends them.
local function matched(tickets)
  local told = {}
  for _, ticket in ipairs(tickets) do
    local sizes = sizesOf(ticket.group)
    if not ticket.roomId and not told[sizes] then
      local matches = openQueue(ticket.pool, sizes)
      matches[#matches + 1] = S.now
      if #matches > RECENT_MATCHES then table.remove(matches, 1) end
      redis.call('HSET', S.tag .. ':pool:' .. ticket.pool, sizes, cmsgpack.pack(matches))
      told[sizes] = true
    end
  end
  for _, ticket in ipairs(tickets) do removeTicket(ticket) end
end

local function groupJson(group)
  return '{"minimum":' .. group.minimum .. ',"maximum":' .. group.maximum .. ',"multiple":' .. group.multiple ..
    ',"patienceMs":' .. whole(group.patienceMs) .. '}'
end

local function ticketJson(ticket)
  local members = {}
  for i, member in ipairs(ticket.members) do members[i] = member.json end
  return '{"id":' .. text(ticket.id) .. ',"pool":' .. text(ticket.pool) .. ',"members":' .. array(members) ..
    ',"criteria":' .. array(ticket.criteria) .. ',"priority":' .. text(ticket.priority) ..
    ',"group":' .. groupJson(ticket.group) .. ',"enqueuedAt":' .. whole(ticket.enqueuedAt) ..
    ',"version":' .. whole(ticket.version) .. ',"roomId":' .. (ticket.roomId and text(ticket.roomId) or 'null') ..
    ',"avoid":' .. texts(ticket.avoid) .. ',"order":' .. whole(ticket.order) .. '}'
end

-- Whom somebody has met and when is one text, which costs next to nothing here and where it is read.
local function relationsJson(id)
  local person = get('p', id)
  local hasBlocked, hasMet = person and (person.blocks or 0) > 0, person and person.hasMet
  local blocked = hasBlocked and redis.call('ZRANGE', personKey(person, 'blocked'), 0, -1) or {}
  local met = hasMet and redis.call('ZRANGE', personKey(person, 'met'), 0, -1, 'WITHSCORES') or {}
  return '{"id":' .. text(id) .. ',"blocked":' .. texts(blocked) .. ',"met":' .. text(table.concat(met, ' ')) .. '}'
end

-- A ticket as a replica of its pool holds it.
local function waitingJson(ticket)
  local relations = {}
  for i, member in ipairs(ticket.members) do relations[i] = relationsJson(member.id) end
  return '{"ticket":' .. ticketJson(ticket) .. ',"relations":' .. array(relations) .. '}'
end

local function statusJson(ticket, offer)
  local sizes = sizesOf(ticket.group)
  local key = queueKey(ticket.pool, sizes)
  local rank = ticket.state == 'waiting' and redis.call('ZRANK', key, place(ticket))
  local missing = ticket.party and ticket.party.size - #ticket.members or 0
  return '{"ticket":' .. ticketJson(ticket) .. ',"position":' .. (rank and whole(rank + 1) or 'null') ..
    ',"queueLength":' .. redis.call('ZCARD', key) ..
    ',"matchedAt":' .. numbers(matchesOf(ticket.pool, sizes) or {}) .. ',"missing":' .. missing ..
    (offer and ',"offer":' .. offer or '') .. '}'
end
`;
