/** The steps of the port, by name. Each takes what the adapter sends and returns the result as JSON text. */
export const OPERATIONS = String.raw`
-- Most that one call of expire carries out of a kind, so that it does not hold up others for long.
local EXPIRED_AT_ONCE = 100
-- How often one call takes what is due, while that is of paused pools.
local MAX_ROUNDS = 200

local steps = {}

-- A room the participant is or was in; to everybody else it does not exist.
local function knownRoom(person, id)
  local room = get('r', id)
  if not room or not knows(room, person.id) then fail('room_not_found') end
  return room
end

local function requireMember(room, person)
  if not room.active then fail('room_ended') end
  if not at(room.members, person.id) then fail('not_in_room') end
end

local function requirePartner(person, roomId, userId)
  local room = knownRoom(person, roomId)
  if userId == person.id or not knows(room, userId) then fail('member_not_found') end
end

function steps.createParticipant(a)
  local own = not a.tokenDigest and a.principal and redis.call('HGET', S.tag .. ':own', a.principal)
  local existing = get('p', own or a.id)
  if existing then return participantJson(existing) end
  local person = {
    id = a.id, log = a.logId, token = a.tokenDigest, principal = a.principal, name = a.displayName,
    provenance = a.provenance, attributes = a.attributes, presence = 'present', since = S.now, head = 0, read = 0,
    rooms = {}, tickets = {},
  }
  if a.principal then
    sanctions.restrict(person)
    sanctions.requireNone('banned', person.banned)
    makeRoomFor(a.principal)
  end
  local limit = S.limits.participants
  local count = tonumber(redis.call('HGET', S.tag .. ':meta', 'participants') or '0')
  if limit > 0 and count >= limit then
    local longestGone = redis.call('ZRANGE', S.tag .. ':gone', 0, 0)[1]
    if not longestGone then fail('too_many_participants', { limit = limit }) end
    forget(get('p', longestGone))
  end
  put('p', person)
  redis.call('HINCRBY', S.tag .. ':meta', 'participants', 1)
  if a.tokenDigest then redis.call('HSET', S.tag .. ':tokens', a.tokenDigest, a.id) end
  if a.principal then
    redis.call('ZADD', principalKey(a.principal), 0, a.id)
    if not a.tokenDigest then redis.call('HSET', S.tag .. ':own', a.principal, a.id) end
  end
  lease(person, S.now + S.limits.presenceMs)
  return participantJson(person)
end

function steps.findParticipant(a)
  if not a.tokenDigest then
    local own = a.principal and redis.call('HGET', S.tag .. ':own', a.principal)
    return own and text(own) or 'null'
  end
  local id = redis.call('HGET', S.tag .. ':tokens', a.tokenDigest)
  local person = id and get('p', id)
  return person and person.principal == a.principal and text(id) or 'null'
end

function steps.participantsOf(a)
  return texts(redis.call('ZRANGE', principalKey(a.principal), 0, -1))
end

local function found(person)
  return '{"participant":' .. participantJson(person) .. ',"head":' .. whole(person.head) .. '}'
end

function steps.participant(a)
  return found(actorOf(a.id))
end

function steps.updateProfile(a)
  local person = actorOf(a.id)
  local attributes, name = a.attributes or person.attributes, a.displayName or person.name
  if attributes ~= person.attributes or name ~= person.name then
    person.attributes, person.name = attributes, name
    touch(person)
  end
  return found(person)
end

function steps.renew(a)
  for _, id in ipairs(a.ids) do
    local person = get('p', id)
    if person and not sanctions.isInForce(person.banned) then renew(person) end
  end
  return 'null'
end

function steps.release(a)
  local person = get('p', a.id)
  if person and person.presence == 'present' and S.limits.presenceMs > 0 then
    person.since = S.now - S.limits.presenceMs
    touch(person)
    lease(person, S.now)
  end
  return 'null'
end

function steps.enqueue(a)
  local given = a.ticket
  local person = actorOf(given.participantId)
  local position = ',"position":' .. whole(person.head) .. '}'
  local own = ownTicket(person, given.pool)
  if own then return '{"status":"already_waiting","ticket":' .. ticketJson(get('k', own)) .. position end
  if a.roomsPerPool > 0 then
    local count, last = 0, nil
    for _, roomId in ipairs(person.rooms) do
      local room = get('r', roomId)
      if room.kind == 'match' and room.name == given.pool then count, last = count + 1, room end
    end
    if count >= a.roomsPerPool then
      return '{"status":"already_in_chat","room":' .. roomView(last, person.id) .. position
    end
  end
  if pools.modeOf(given.pool) == 'draining' then fail('pool_closed', { what = given.pool }) end
  local limit = S.limits.ticketsPerParticipant
  if limit > 0 and #person.tickets >= limit then fail('too_many_tickets', { limit = limit }) end
  requireRoomLeft(person)
  requireFit(given, a.party, person)
  takeToken(person, 'joins')
  local ticket = enterQueue(given, a.party, a.ttlMs, person)
  local status = ticket.party and 'gathering' or 'waiting'
  if S.records and not ticket.party then
    local ids = {}
    for i, member in ipairs(ticket.members) do ids[i] = member.id end
    record('ticket.created', '{"ticket_id":' .. text(ticket.id) .. ',"pool":' .. text(ticket.pool) ..
      ',"user_ids":' .. texts(ids) .. ',"priority":' .. text(ticket.priority) .. '}')
  end
  return '{"status":"' .. status .. '","ticket":' .. ticketJson(ticket) .. position
end

function steps.cancel(a)
  local person = actorOf(a.id)
  local cancelled, shown = {}, {}
  for _, own in ipairs(person.tickets) do
    if not a.pool or own.pool == a.pool then cancelled[#cancelled + 1] = get('k', own.id) end
  end
  for _, ticket in ipairs(cancelled) do
    endTicket(ticket, nil, function(member) return member ~= person and 'party_broken' or nil end)
  end
  for i, ticket in ipairs(cancelled) do shown[i] = ticketJson(ticket) end
  return array(shown)
end

function steps.tickets(a)
  local person = actorOf(a.id)
  local statuses = {}
  for i, own in ipairs(person.tickets) do
    local ticket = get('k', own.id)
    local offer = offerOf(ticket)
    statuses[i] = statusJson(ticket, offer and offerJson(offer, person.id))
  end
  return array(statuses)
end

-- What tells this memory of the server from any it had before.
local function epochOf()
  local meta = S.tag .. ':meta'
  redis.call('HSETNX', meta, 'epoch', origin())
  return redis.call('HGET', meta, 'epoch')
end

-- What has changed in a pool since a version, or that the replica must begin anew.
function steps.waiting(a)
  local meta, list = S.tag .. ':meta', S.tag .. ':pool:' .. a.pool .. ':changes'
  local epoch = epochOf()
  local version = tonumber(redis.call('HGET', meta, 'changes:' .. a.pool) or '0')
  local relations = {}
  for i, id in ipairs(a.people) do relations[i] = relationsJson(id) end
  local head = '{"epoch":' .. text(epoch) .. ',"relations":' .. array(relations)
  local behind = version - a.since
  if epoch ~= a.epoch or behind < 0 or behind > redis.call('LLEN', list) then
    return head .. ',"version":' .. whole(version) .. ',"anew":' .. texts(redis.call('HKEYS', S.tag .. ':pool:' .. a.pool)) .. '}'
  end
  local known, gone, waiting = {}, {}, {}
  local reached = math.min(version, a.since + a.limit)
  local ids = behind > 0 and redis.call('LRANGE', list, -behind, math.min(a.limit - behind, 0) - 1) or {}
  for _, id in ipairs(ids) do
    if not known[id] then
      known[id] = true
      local ticket = get('k', id)
      if ticket and ticket.state == 'waiting' and ticket.pool == a.pool then
        waiting[#waiting + 1] = waitingJson(ticket)
      else
        gone[#gone + 1] = id
      end
    end
  end
  return head .. ',"version":' .. whole(reached) .. ',"more":' .. flag(reached < version) .. ',"gone":' .. texts(gone) ..
    ',"waiting":' .. array(waiting) .. '}'
end

-- Some of those who wait for a range of sizes; whoever waits all the while is among them in the end.
function steps.scanQueue(a)
  local reply = redis.call('ZSCAN', queueKey(a.pool, a.sizes), a.cursor, 'COUNT', 200)
  local waiting = {}
  for i = 1, #reply[2], 2 do
    local ticket = get('k', idAt(reply[2][i]))
    if ticket then waiting[#waiting + 1] = waitingJson(ticket) end
  end
  return '{"cursor":' .. text(reply[1]) .. ',"waiting":' .. array(waiting) .. '}'
end

function steps.front(a)
  local sizes = sizesOf(a.group)
  local key = queueKey(a.pool, sizes)
  local size, matchedAt = redis.call('ZCARD', key), numbers(matchesOf(a.pool, sizes) or {})
  local statuses = {}
  for i, member in ipairs(a.limit > 0 and redis.call('ZRANGE', key, 0, a.limit - 1) or {}) do
    statuses[i] = '{"ticket":' .. ticketJson(get('k', idAt(member))) .. ',"position":' .. i .. ',"queueLength":' .. size ..
      ',"matchedAt":' .. matchedAt .. ',"missing":0}'
  end
  return array(statuses)
end

function steps.wakeAt(a)
  if a.fence and not isNewest(a.fence.holder, a.fence.token) then return 'null' end
  local ticket = get('k', a.id)
  if not ticket or ticket.state ~= 'waiting' or ticket.released then return 'null' end
  if a.at then schedule('wake', a.id, a.at) else unschedule('wake', a.id) end
  return 'null'
end

function steps.takeDue(a)
  local token = lead(a.holder, a.token)
  if not token then return 'null' end
  local shown = {}
  local function hand(ticket)
    ticket.released = false
    lookAgain(ticket)
    touch(ticket)
    shown[#shown + 1] = ticketJson(ticket)
  end
  for _ = 1, MAX_ROUNDS do
    local ids = takeDue('wake', a.limit - #shown)
    for _, id in ipairs(ids) do
      local ticket = get('k', id)
      -- Of a paused pool it is due again when that is no longer paused.
      if ticket and pools.isPaused(ticket.pool) then
        ticket.released = false
        touch(ticket)
      elseif ticket then
        hand(ticket)
      end
    end
    if #ids == 0 or #shown == a.limit then break end
  end
  if #shown < a.limit then pools.takeAgain(function(ticket) hand(ticket) return #shown < a.limit end) end
  return '{"token":' .. whole(token) .. ',"tickets":' .. array(shown) .. '}'
end

function steps.claim(a)
  local tickets, reasons, choice = choose(a)
  return tickets and '{"choice":' .. choice .. ',' .. seat(tickets, a, reasons) .. '}' or 'null'
end

function steps.offer(a)
  local tickets, reasons, choice = choose(a)
  if not tickets then return 'null' end
  openOffer(a, tickets, reasons)
  return '{"choice":' .. choice .. '}'
end

function steps.respond(a)
  local person = actorOf(a.participantId)
  local offer = findOffer(person, a.offerId)
  if not a.accept then
    local declined = {}
    for _, ticket in ipairs(asked(offer)) do
      if includes(ticket, person.id) then declined[#declined + 1] = ticket end
    end
    decline(offer, declined)
    return '{"status":"declined","waiting":' .. flag(offer.decliner == 'requeue') .. '}'
  end
  if not at(offer.accepted, person.id) then
    offer.accepted[#offer.accepted + 1] = person.id
    touch(offer)
  end
  if #unanswered(offer) > 0 then return '{"status":"accepted","offer":' .. offerJson(offer, person.id) .. '}' end
  local tickets = ticketsOf(offer)
  closeOffer(offer)
  return '{"status":"matched",' .. seat(tickets, offer, offer.reasons) .. '}'
end

function steps.join(a)
  local person = actorOf(a.participantId)
  local position = ',"position":' .. whole(person.head) .. '}'
  local room = get('r', a.name)
  if not room or not knows(room, person.id) then
    local id = redis.call('HGET', S.tag .. ':named', a.name)
    room = id and get('r', id)
  end
  if room and not room.active then fail('room_inactive') end
  if room and at(room.members, person.id) then
    return '{"status":"joined","room":' .. roomView(room, person.id) .. position
  end
  local others = room and peopleIn(room) or {}
  -- Somebody blocked is told the same as when the room is full, so that nobody learns of a block.
  if room and #others >= room.capacity then fail('room_full') end
  for _, other in ipairs(others) do
    if areApart(other, person) then fail('room_full') end
  end
  requireRoomLeft(person)
  takeToken(person, 'joins')
  local status = room and 'joined' or 'room_created'
  if not room then
    room = openRoom(a.roomId, 'named', a.name, a.capacity)
    redis.call('HSET', S.tag .. ':named', a.name, a.roomId)
  end
  local wasOpen = #others > 0
  enter(person, room)
  if S.records then recordSeats(room, wasOpen, { person }, '[]', {}) end
  tell(others, 'partner.joined', '{"room_id":' .. text(room.id) .. ',"partner":' .. profile(person) .. '}', room.id)
  if room.supervised then tellSupervised({ person }, room) end
  if room.kind == 'match' then
    for _, other in ipairs(others) do meet(person, other) end
    seatsChanged(room)
  end
  return '{"status":"' .. status .. '","room":' .. roomView(room, person.id) .. position
end

-- Of the message, the caller is told what it does not know.
function steps.post(participantId, roomId, messageId, given, visible, clientMessageId)
  local person = actorOf(participantId)
  local room = knownRoom(person, roomId)
  local sent = clientMessageId and person.id .. ' ' .. clientMessageId
  local first = sent and redis.call('HGET', roomKey(room, 'sent'), sent)
  if first then return '{"first":' .. first .. '}' end
  requireMember(room, person)
  sanctions.requireNone('muted', person.muted)
  takeToken(person, 'messages')
  room.last = room.last + 1
  stir(room)
  local id, seq, from, log = text(messageId), count(room.last), sender(person), roomKey(room, 'log')
  local message = person.id .. ' {"messageId":' .. id .. ',"seq":' .. seq .. ',"text":' .. given ..
    ',"sender":' .. from .. ',"timestamp":"' .. S.iso .. '"}'
  append(log, message, S.limits.roomHistory)
  if sent then
    redis.call('HSET', roomKey(room, 'sent'), sent, string.sub(message, #person.id + 2))
    if redis.call('RPUSH', roomKey(room, 'sent-order'), sent) > REMEMBERED * room.capacity then
      redis.call('HDEL', roomKey(room, 'sent'), redis.call('LPOP', roomKey(room, 'sent-order')))
    end
  end
  if S.records then
    record('message.sent', '{"room_id":' .. text(room.id) .. ',"message_id":' .. id .. ',"seq":' .. seq ..
      ',"sender":' .. from .. ',"message":' .. given .. ',"timestamp":"' .. S.iso .. '"}')
  end
  tell(peopleIn(room, person.id), 'message.received', '{"room_id":' .. text(room.id) ..
    ',"message_id":' .. id .. ',"seq":' .. seq .. ',"message":' .. (visible or given) ..
    ',"sender":' .. from .. ',"timestamp":"' .. S.iso .. '"}', room.id, seq, true)
  return '{"seq":' .. seq .. ',"sender":' .. from .. '}'
end

function steps.sent(a)
  return redis.call('HGET', roomKey({ id = a.roomId }, 'sent'), a.id .. ' ' .. a.clientMessageId) or 'null'
end

function steps.leave(a)
  local person = actorOf(a.id)
  local room = knownRoom(person, a.roomId)
  if room.active then
    requireMember(room, person)
    leave(person, room, 'left')
  end
  return 'null'
end

function steps.room(a)
  local person = actorOf(a.id)
  local room = knownRoom(person, a.roomId)
  if room.active then requireMember(room, person) end
  return roomView(room, person.id)
end

function steps.rooms(a)
  local person = actorOf(a.id)
  local views = {}
  for i, roomId in ipairs(person.rooms) do views[i] = roomView(get('r', roomId), person.id) end
  return array(views)
end

function steps.messages(a)
  local person = actorOf(a.id)
  return page(knownRoom(person, a.roomId), person.id, a.query)
end

function steps.block(a)
  local person = actorOf(a.id)
  requirePartner(person, a.roomId, a.userId)
  block(person, a.userId)
  separate(person, a.userId)
  return 'null'
end

function steps.report(a)
  local person = actorOf(a.reporter)
  requirePartner(person, a.roomId, a.userId)
  local room, reported = get('r', a.roomId), get('p', a.userId)
  local of = membership(room, person.id)
  local last = of.to or room.last
  local first = math.max(of.from + 1, firstMessage(room), last - a.messages + 1)
  return '{"room":{"roomId":' .. text(room.id) .. ',"kind":"' .. room.kind .. '","name":' .. text(room.name) ..
    '},"reporter":' .. sender(person) .. ',"reported":' .. (reported and sender(reported) or 'null') ..
    ',"reportedPrincipal":' .. (reported and reported.principal and text(reported.principal) or 'null') ..
    ',"messages":' .. array(messagesJson(room, first, last)) .. '}'
end

function steps.readEvents(a)
  local person = get('p', a.id)
  if not person then fail('participant_not_found') end
  local entries, truncated, position = readEvents(person, a)
  return '{"logId":' .. text(person.log) .. ',"entries":' .. array(entries) .. ',"truncated":' .. flag(truncated) ..
    ',"position":' .. whole(position) .. '}'
end

function steps.acknowledge(a)
  local person = get('p', a.id)
  if not person then return 'null' end
  local positions = personKey(person, 'read')
  local from = a.roomId and roomPosition(person, a.roomId) or person.read
  if a.position <= from then return 'null' end
  local first, read = logFirst(person), {}
  local begin, last = math.max(from + 1, first), math.min(a.position, person.head)
  while begin <= last do
    local to = math.min(begin + SCAN - 1, last)
    for _, entry in ipairs(logEntries(person, begin, to)) do
      local _, room, seq = entryParts(entry)
      if seq and (not a.roomId or room == a.roomId) then read[room] = math.max(read[room] or 0, seq) end
    end
    begin = to + 1
  end
  for roomId, seq in pairs(read) do
    local room = get('r', roomId)
    if room then markRead(room, person.id, seq) end
  end
  if a.roomId then
    redis.call('ZADD', positions, whole(a.position), a.roomId)
    if redis.call('ZCARD', positions) > 1000 then redis.call('ZREMRANGEBYRANK', positions, 0, 0) end
    return 'null'
  end
  person.read = a.position
  touch(person)
  redis.call('ZREMRANGEBYSCORE', positions, '-inf', whole(a.position))
  return 'null'
end

-- Takes somebody out of their queues and rooms; their tickets have expired or else been taken back.
local function depart(person, expired, reason)
  local tickets, rooms = {}, {}
  for i, own in ipairs(person.tickets) do tickets[i] = get('k', own.id) end
  for i, roomId in ipairs(person.rooms) do rooms[i] = get('r', roomId) end
  for _, ticket in ipairs(tickets) do
    endTicket(ticket, expired, function(member) return member ~= person and 'party_broken' or expired end)
  end
  for _, room in ipairs(rooms) do leave(person, room, reason) end
end

local eraseNext, endSanction

local function expireLease(person)
  local presenceMs, graceMs, retentionMs = S.limits.presenceMs, S.limits.graceMs, S.limits.retentionMs
  local lasts = ({ present = presenceMs, away = graceMs, gone = retentionMs })[person.presence]
  if person.since + lasts > S.now then return schedule('lease', person.id, person.since + lasts) end
  if person.presence == 'gone' then return forget(person) end
  person.since = S.now
  touch(person)
  if person.presence == 'present' then
    person.presence = 'away'
    return schedule('lease', person.id, S.now + graceMs)
  end
  person.presence = 'gone'
  rememberGone(person)
  schedule('lease', person.id, S.now + retentionMs)
  depart(person, 'timeout', 'timeout')
end

function steps.resign(a)
  resign(a.holder, a.token)
  return 'null'
end

-- Carries out some of what has become due, one kind after the other; true when there is more.
local function expire()
  local offers = takeDue('offer', EXPIRED_AT_ONCE)
  for _, id in ipairs(offers) do
    local offer = get('o', id)
    if offer then decline(offer, unanswered(offer)) end
  end
  if #offers == EXPIRED_AT_ONCE then return true end
  local over, ids = {}, takeDue('ttl', EXPIRED_AT_ONCE)
  for _, id in ipairs(ids) do
    local ticket = get('k', id)
    if ticket then
      ticket.overdue = ticket.offerId ~= nil
      touch(ticket)
      if not ticket.overdue then over[#over + 1] = ticket end
    end
  end
  for _, ticket in ipairs(over) do endTicket(ticket, 'ticket_ttl', function() return 'ticket_ttl' end) end
  if #ids == EXPIRED_AT_ONCE then return true end
  local rooms = takeDue('room', EXPIRED_AT_ONCE)
  for _, id in ipairs(rooms) do forgetRoom(id) end
  if #rooms == EXPIRED_AT_ONCE then return true end
  local over = takeDue('sanction', EXPIRED_AT_ONCE)
  for _, id in ipairs(over) do endSanction(id) end
  if #over == EXPIRED_AT_ONCE then return true end
  local leases = takeDue('lease', EXPIRED_AT_ONCE)
  for _, id in ipairs(leases) do
    local person = get('p', id)
    if person then expireLease(person) end
  end
  return eraseNext() or #leases == EXPIRED_AT_ONCE
end

function steps.expire(a)
  local token = lead(a.holder, a.token)
  if not token then return 'null' end
  return '{"token":' .. whole(token) .. ',"more":' .. flag(expire()) .. '}'
end

-- What steps wrote after a place in the feed, and the place of the newest.
function steps.feed(a)
  local newest = redis.call('HGET', S.tag .. ':meta', 'feed') or '0'
  local found = {}
  if a.after and tonumber(newest) ~= a.after then
    for i, entry in ipairs(redis.call('XRANGE', S.tag .. ':feed', '(' .. whole(a.after) .. '-0', '+', 'COUNT', a.limit)) do
      found[i] = text(entry[2][2])
    end
  end
  return '{"epoch":' .. text(epochOf()) .. ',"newest":' .. newest .. ',"messages":' .. array(found) .. '}'
end

function steps.time()
  return whole(serverTime())
end
`;
