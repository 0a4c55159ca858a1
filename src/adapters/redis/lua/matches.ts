/** The way from tickets to rooms: claims, offers, and open rooms that look for more people. */
export const MATCHES = String.raw`
local function membersOf(tickets)
  local people = {}
  for _, ticket in ipairs(tickets) do
    for _, member in ipairs(ticket.members) do people[#people + 1] = get('p', member.id) end
  end
  return people
end

local function mayMeet(a, b)
  for _, one in ipairs(a.members) do
    for _, other in ipairs(b.members) do
      if one.id == other.id or areApart(get('p', one.id), get('p', other.id)) then return false end
    end
  end
  return true
end

-- The tickets of a group, if all of them can still be had and nothing stands between those behind them. What cannot is
-- remembered: a ticket is in many groups.
local function claimable(group, pool, gone)
  local tickets, room, size = {}, nil, 0
  for wanted in string.gmatch(group.tickets, '%S+') do
    if gone[wanted] then return end
  end
  for wanted in string.gmatch(group.tickets, '%S+') do
    local version, id = string.match(wanted, '^(%d+):(.*)$')
    local ticket = get('k', id)
    if not ticket or ticket.state ~= 'waiting' or ticket.version ~= tonumber(version) or ticket.pool ~= pool then
      gone[wanted] = true
      return
    end
    if ticket.roomId then
      if room then return end
      room = get('r', ticket.roomId)
    end
    for _, other in ipairs(tickets) do
      if not mayMeet(ticket, other) then return end
    end
    tickets[#tickets + 1] = ticket
    size = size + #ticket.members
  end
  if room then return #tickets > 1 and size <= room.capacity and tickets or nil end
  return size > 1 and tickets or nil
end

-- The tickets of the first group that can be taken, its reasons, and its place as memory counts.
local function choose(claim)
  if pools.isPaused(claim.pool) then return end
  local gone = {}
  for i, group in ipairs(claim.groups) do
    local tickets = claimable(group, claim.pool, gone)
    if tickets then return tickets, group.reasons, i - 1 end
  end
end

-- The ticket by which an open room looks for more: that of a party of its members who will take one more at a time.
local function ticketOfRoom(room)
  local backfill = backfillOf(room)
  local members, criteria, priority, known = {}, {}, 0, {}
  for _, id in ipairs(room.members) do
    local came = backfill.tickets[backfill.came[id] or '']
    local json
    for _, member in ipairs(came and came.members or {}) do
      if member.id == id then json = member.json end
    end
    members[#members + 1] = { id = id, json = json or memberJson(get('p', id)) }
    if came and not known[came] then
      known[came] = true
      for _, one in ipairs(came.criteria) do criteria[#criteria + 1] = one end
      priority = math.max(priority, came.priority)
    end
  end
  return {
    id = room.id, pool = room.name, roomId = room.id, members = members, criteria = criteria, priority = priority,
    group = { minimum = #room.members + 1, maximum = room.capacity, multiple = 1, patienceMs = 0 },
    enqueuedAt = backfill.openedAt, version = backfill.version, avoid = backfill.avoid, order = 0, state = 'aside',
  }
end

-- Makes an open room wait for as many as it has free seats; the ticket that stood for it before is void.
local function seek(room)
  local former = get('k', room.id)
  if former then removeTicket(former) end
  if not room.backfill or not room.active or #room.members >= room.capacity then return end
  local backfill = backfillOf(room)
  backfill.version = backfill.version + 1
  keepBackfill(room, backfill)
  local ticket = put('k', ticketOfRoom(room))
  wait(ticket)
  release(ticket)
end

-- Brings those behind the tickets into a new room, or into the open room that one of the tickets stands for.
local function seat(tickets, claim, reasons)
  local open, coming = nil, {}
  for _, ticket in ipairs(tickets) do
    if ticket.roomId then open = ticket else coming[#coming + 1] = ticket end
  end
  local newcomers = membersOf(coming)
  matched(tickets)
  local room
  if open then
    room = get('r', open.roomId)
  else
    room = openRoom(claim.roomId, 'match', claim.pool, #newcomers)
    if claim.backfill then
      room.backfill = true
      keepBackfill(room, { openedAt = S.now, came = {}, tickets = {}, avoid = {}, version = 0 })
    end
  end
  local inside = peopleIn(room)
  for i, newcomer in ipairs(newcomers) do
    enter(newcomer, room)
    for _, other in ipairs(inside) do meet(newcomer, other) end
    for j = 1, i - 1 do meet(newcomer, newcomers[j]) end
  end
  if S.records then
    local ids = {}
    for i, ticket in ipairs(coming) do ids[i] = ticket.id end
    recordSeats(room, open ~= nil, newcomers, reasons, ids)
    for _, ticket in ipairs(coming) do
      record('ticket.matched', '{"ticket_id":' .. text(ticket.id) .. ',"pool":' .. text(claim.pool) ..
        ',"room_id":' .. text(room.id) .. ',"waited_ms":' .. whole(math.max(0, S.now - ticket.enqueuedAt)) .. '}')
    end
  end
  for _, newcomer in ipairs(newcomers) do
    local partners = {}
    for i, other in ipairs(peopleIn(room, newcomer.id)) do partners[i] = profile(other) end
    tell({ newcomer }, 'chatroom.found', '{"room_id":' .. text(room.id) .. ',"pool":' .. text(claim.pool) ..
      ',"partner":' .. partners[1] .. ',"partners":' .. array(partners) .. ',"reasons":' .. reasons ..
      ',"matched_at":"' .. S.iso .. '"}', room.id)
  end
  for _, newcomer in ipairs(newcomers) do
    local data = '{"room_id":' .. text(room.id) .. ',"partner":' .. profile(newcomer) .. '}'
    tell(inside, 'partner.joined', data, room.id)
  end
  if room.supervised then tellSupervised(newcomers, room) end
  if room.backfill then
    local backfill = backfillOf(room)
    for _, ticket in ipairs(coming) do
      backfill.tickets[ticket.id] = { members = ticket.members, criteria = ticket.criteria, priority = ticket.priority }
      for _, member in ipairs(ticket.members) do backfill.came[member.id] = ticket.id end
      backfill.avoid = union(backfill.avoid, ticket.avoid)
    end
    keepBackfill(room, backfill)
    seek(room)
  end
  return '"roomId":' .. text(room.id) .. ',"participantIds":' .. texts(room.members)
end

-- Offers

local function offerOf(ticket)
  return ticket.offerId and get('o', ticket.offerId)
end

local function ticketsOf(offer)
  local tickets = {}
  for i, id in ipairs(offer.tickets) do tickets[i] = get('k', id) end
  return tickets
end

-- The tickets of those who are asked: all but an open room's.
local function asked(offer)
  local tickets = {}
  for _, ticket in ipairs(ticketsOf(offer)) do
    if not ticket.roomId then tickets[#tickets + 1] = ticket end
  end
  return tickets
end

local function unanswered(offer)
  local tickets = {}
  for _, ticket in ipairs(asked(offer)) do
    local isAnswered = true
    for _, member in ipairs(ticket.members) do isAnswered = isAnswered and at(offer.accepted, member.id) ~= nil end
    if not isAnswered then tickets[#tickets + 1] = ticket end
  end
  return tickets
end

local function offerJson(offer, id)
  return '{"offerId":' .. text(offer.id) .. ',"pool":' .. text(offer.pool) .. ',"groupSize":' .. offer.groupSize ..
    ',"reasons":' .. offer.reasons .. ',"expiresAt":' .. whole(offer.expiresAt) ..
    ',"accepted":' .. flag(at(offer.accepted, id)) .. '}'
end

local function openOffer(given, tickets, reasons)
  local ids, size = {}, 0
  for i, ticket in ipairs(tickets) do
    setAside(ticket)
    list(ticket, 'others')
    ticket.offerId = given.offerId
    touch(ticket)
    ids[i] = ticket.id
    size = size + #ticket.members
  end
  local offer = put('o', {
    id = given.offerId, pool = given.pool, roomId = given.roomId, reasons = reasons, expiresAt = given.expiresAt,
    decliner = given.decliner, backfill = given.backfill, tickets = ids, accepted = {}, order = nextOrder(),
    groupSize = size,
  })
  schedule('offer', offer.id, offer.expiresAt)
  tell(membersOf(asked(offer)), 'match.offered', '{"offer_id":' .. text(offer.id) .. ',"pool":' .. text(offer.pool) ..
    ',"group_size":' .. size .. ',"reasons":' .. offer.reasons .. ',"expires_at":"' .. given.expiresText .. '"}')
end

local function closeOffer(offer)
  for _, ticket in ipairs(ticketsOf(offer)) do
    ticket.offerId = nil
    touch(ticket)
  end
  delete('o', offer.id)
  unschedule('offer', offer.id)
end

-- Ends an offer. Those who did not decline wait on where they stood, and everybody avoids the others who did.
local function withdraw(offer, declined, policy)
  local tickets = ticketsOf(offer)
  closeOffer(offer)
  for _, ticket in ipairs(tickets) do
    local decliners = {}
    for _, other in ipairs(declined) do
      if other ~= ticket then
        for _, member in ipairs(other.members) do decliners[#decliners + 1] = member.id end
      end
    end
    local avoid = union(ticket.avoid, decliners)
    if ticket.roomId then
      local room = get('r', ticket.roomId)
      local backfill = backfillOf(room)
      backfill.avoid = avoid
      keepBackfill(room, backfill)
      seek(room)
    else
      local hasDeclined = at(declined, ticket) ~= nil
      local isWaiting = not hasDeclined or policy == 'requeue'
      if isWaiting then giveBack(ticket, hasDeclined, avoid) else removeTicket(ticket) end
      tell(membersOf({ ticket }), 'match.withdrawn', '{"offer_id":' .. text(offer.id) ..
        ',"pool":' .. text(offer.pool) .. ',"waiting":' .. flag(isWaiting) .. '}')
    end
  end
end

-- Ends an offer that somebody has declined or not answered.
local function decline(offer, declined)
  withdraw(offer, declined, offer.decliner)
  if offer.decliner == 'requeue' then return end
  for _, ticket in ipairs(declined) do recordEnd(ticket) end
end

-- The standing offer a participant answers: the one named, or the oldest of those it has not accepted yet.
local function findOffer(person, offerId)
  local found
  local function isSooner(one)
    local accepted, other = at(one.accepted, person.id) ~= nil, at(found.accepted, person.id) ~= nil
    if accepted == other then return one.order < found.order end
    return other
  end
  for _, own in ipairs(person.tickets) do
    local offer = offerOf(get('k', own.id))
    if offer and S.now < offer.expiresAt then
      if offerId then
        if offer.id == offerId then found = offer end
      elseif not found or isSooner(offer) then
        found = offer
      end
    end
  end
  if not found then fail('offer_not_found') end
  return found
end

-- Ends a ticket without a match, because it has expired or else was taken back; whoever there is a reason for is told.
-- An offer of it comes to nothing.
local function endTicket(ticket, expired, reasonFor)
  local offer = offerOf(ticket)
  if offer then withdraw(offer, { ticket }, 'remove') else removeTicket(ticket) end
  recordEnd(ticket, expired)
  for _, person in ipairs(membersOf({ ticket })) do
    local reason = reasonFor(person)
    if reason then
      tell({ person }, 'queue.expired', '{"ticket_id":' .. text(ticket.id) .. ',"pool":' .. text(ticket.pool) ..
        ',"reason":"' .. reason .. '"}')
    end
  end
end

local function includes(ticket, id)
  for _, member in ipairs(ticket.members) do
    if member.id == id then return true end
  end
  return false
end

-- Two who are apart from now on: a party with both is broken, an offer that would bring them together withdrawn.
local function separate(person, id)
  local ids = {}
  for _, own in ipairs(person.tickets) do ids[#ids + 1] = own.id end
  for _, roomId in ipairs(person.rooms) do ids[#ids + 1] = roomId end
  for _, ticketId in ipairs(ids) do
    local ticket = get('k', ticketId)
    if ticket then
      local offer = offerOf(ticket)
      if not ticket.roomId and includes(ticket, id) then
        endTicket(ticket, 'party_broken', function() return 'party_broken' end)
      elseif offer then
        for _, other in ipairs(ticketsOf(offer)) do
          if other ~= ticket and includes(other, id) then
            withdraw(offer, {}, offer.decliner)
            break
          end
        end
      end
    end
  end
end

-- Somebody has come to a room or left it by another way than a match, or the room has ended.
local function seatsChanged(room)
  local ticket = get('k', room.id)
  local offer = ticket and offerOf(ticket)
  if offer then withdraw(offer, {}, offer.decliner) else seek(room) end
end

-- Ends a room; those in it are told.
local function closeRoom(room, reason)
  local members = peopleIn(room)
  tell(members, 'room.closed', '{"room_id":' .. text(room.id) .. ',"reason":"' .. reason .. '"}', room.id)
  room.active = false
  touch(room)
  if room.kind == 'match' then
    for i, member in ipairs(members) do
      for j = 1, i - 1 do meet(member, members[j]) end
    end
    seatsChanged(room)
  end
  if S.records then record('room.closed', '{"room_id":' .. text(room.id) .. ',"reason":"' .. reason .. '"}') end
  for _, member in ipairs(members) do quit(member, room) end
  redis.call('ZREM', openRoomsKey(), room.id)
  if room.kind == 'named' then
    redis.call('HDEL', S.tag .. ':named', room.name)
  else
    redis.call('ZREM', openRoomsKey(room.name), room.id)
  end
  redis.call('ZADD', S.tag .. ':ended', nextOrder(), room.id)
  local limit, age = S.limits.endedRooms, S.limits.endedRoomAgeMs
  if age > 0 then schedule('room', room.id, S.now + age) end
  if limit > 0 and redis.call('ZCARD', S.tag .. ':ended') > limit then
    forgetRoom(redis.call('ZRANGE', S.tag .. ':ended', 0, 0)[1])
  end
end

-- A matched room lives while two remain, a named one while anybody does.
local function leave(person, room, reason)
  quit(person, room)
  if S.records then
    record('room.left', '{"room_id":' .. text(room.id) .. ',"user_id":' .. text(person.id) ..
      ',"reason":"' .. reason .. '","last_seq":' .. whole(room.last) .. '}')
  end
  local remaining = peopleIn(room)
  local active = #remaining >= (room.kind == 'match' and 2 or 1)
  for _, member in ipairs(remaining) do
    if room.kind == 'match' then meet(member, person) end
    tell({ member }, 'partner.disconnected', '{"room_id":' .. text(room.id) .. ',"partner":' .. profile(person) ..
      ',"reason":"' .. reason .. '","room_active":' .. flag(active) .. '}', room.id)
  end
  if not active then return closeRoom(room, 'partner_' .. reason) end
  touch(room)
  if room.kind == 'match' then seatsChanged(room) end
end
`;
