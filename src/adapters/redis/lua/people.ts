/** Participants: presence, rates, and whom they have blocked and met. */
export const PEOPLE = String.raw`
local MAX_BLOCKS = 1000
local MAX_MET = 100

local function lease(person, time)
  if S.limits.presenceMs > 0 then schedule('lease', person.id, time) end
end

local function principalKey(principal)
  return S.tag .. ':principal:' .. principal
end

local function rememberGone(person)
  local order = nextOrder()
  redis.call('ZADD', S.tag .. ':gone', order, person.id)
  if person.principal then redis.call('ZADD', principalKey(person.principal), order, person.id) end
end

local function backFromGone(person)
  redis.call('ZREM', S.tag .. ':gone', person.id)
  if person.principal then redis.call('ZADD', principalKey(person.principal), 0, person.id) end
end

local function renew(person)
  local presence = person.presence
  if presence == 'present' then
    if S.now > person.since then
      person.since = S.now
      touch(person)
    end
    return
  end
  person.since = S.now
  person.presence = 'present'
  touch(person)
  if presence == 'gone' then backFromGone(person) end
  lease(person, S.now + S.limits.presenceMs)
  if presence == 'gone' then return end
  for _, roomId in ipairs(person.rooms) do
    local data = '{"room_id":' .. text(roomId) .. ',"partner":' .. profile(person) .. '}'
    tell(peopleIn(get('r', roomId), person.id), 'partner.reconnected', data, roomId)
  end
end

-- Whoever takes a step renews their presence by it.
local function actorOf(id)
  local person = get('p', id)
  if not person then fail('participant_not_found') end
  sanctions.requireNone('banned', person.banned)
  renew(person)
  return person
end

local function forget(person)
  delete('p', person.id)
  sanctions.forget(person)
  redis.call('UNLINK', personKey(person, 'log'), personKey(person, 'read'), personKey(person, 'blocked'),
    personKey(person, 'met'), personKey(person, 'left'))
  redis.call('ZREM', S.tag .. ':gone', person.id)
  unschedule('lease', person.id)
  if person.token then redis.call('HDEL', S.tag .. ':tokens', person.token) end
  if person.principal then
    redis.call('ZREM', principalKey(person.principal), person.id)
    if not person.token then redis.call('HDEL', S.tag .. ':own', person.principal) end
  end
  redis.call('HINCRBY', S.tag .. ':meta', 'participants', -1)
end

-- Forgets whoever of the principal's is longest gone when it has too many.
local function makeRoomFor(principal)
  local key, limit = principalKey(principal), S.limits.participantsPerPrincipal
  if limit == 0 or redis.call('ZCARD', key) < limit then return end
  local longestGone = redis.call('ZRANGEBYSCORE', key, '(0', '+inf', 'LIMIT', 0, 1)[1]
  if not longestGone then fail('too_many_participants', { limit = limit, what = 'principal' }) end
  forget(get('p', longestGone))
end

-- A token bucket in whole numbers: a token is worth perMs, a millisecond refills burst.
local function takeToken(person, what)
  local rate = S.limits[what == 'messages' and 'messageRate' or 'joinRate']
  local burst, perMs = rate.burst, rate.perMs
  if burst == 0 then return end
  local bucket = person[what] or { burst * perMs, S.now }
  local level = math.min(burst * perMs, bucket[1] + math.max(0, S.now - bucket[2]) * burst)
  local time = math.max(bucket[2], S.now)
  touch(person)
  if level < perMs then
    person[what] = { level, time }
    local waitMs = math.ceil((perMs - level) / burst)
    fail('rate_limited', { what = what, seconds = math.ceil(waitMs / 1000) })
  end
  person[what] = { level - perMs, time }
end

local function hasBlocked(person, id)
  return (person.blocks or 0) > 0 and redis.call('ZSCORE', personKey(person, 'blocked'), id)
end

local function areApart(a, b)
  return hasBlocked(a, b.id) or hasBlocked(b, a.id)
end

local relationsChanged

local function block(person, id)
  local key = personKey(person, 'blocked')
  redis.call('ZADD', key, 'NX', nextOrder(), id)
  local blocks = redis.call('ZCARD', key)
  if blocks > MAX_BLOCKS then
    redis.call('ZREMRANGEBYRANK', key, 0, 0)
    blocks = MAX_BLOCKS
  end
  person.blocks = blocks
  touch(person)
  relationsChanged(person)
end

local function rememberMeeting(person, id)
  local key = personKey(person, 'met')
  redis.call('ZADD', key, S.nowText, id)
  if redis.call('ZCARD', key) > MAX_MET then redis.call('ZREMRANGEBYRANK', key, 0, 0) end
  person.hasMet = true
  touch(person)
  relationsChanged(person)
end

-- Both remember that they were in a matched room together.
local function meet(a, b)
  rememberMeeting(a, b.id)
  rememberMeeting(b, a.id)
end

-- A waiting ticket counts as the room it may become, so that no match exceeds the limit.
local function requireRoomLeft(person)
  local limit = S.limits.roomsPerParticipant
  if limit > 0 and #person.rooms + #person.tickets >= limit then fail('too_many_rooms', { limit = limit }) end
end

local function participantJson(person)
  return '{"id":' .. text(person.id) .. ',"logId":' .. text(person.log) ..
    ',"principal":' .. (person.principal and text(person.principal) or 'null') ..
    ',"displayName":' .. text(person.name) .. ',"provenance":' .. text(person.provenance) ..
    ',"attributes":' .. person.attributes .. '}'
end

-- A participant as a member of a ticket.
local function memberJson(person)
  return '{"participantId":' .. text(person.id) ..
    ',"principal":' .. (person.principal and text(person.principal) or 'null') ..
    ',"displayName":' .. text(person.name) .. ',"provenance":' .. text(person.provenance) ..
    ',"attributes":' .. person.attributes .. '}'
end
`;
