/**
 * Forgetting: what identifies somebody goes in one step; what they have said is erased room by room and log by log, each
 * in a step of its own, from a list that outlives whoever began it.
 */
export const FORGETTING = String.raw`
local NAMELESS = '"Anonymous"'

local function erasuresKey()
  return S.tag .. ':erasures'
end

-- A message without its text and the name of its sender. No string within JSON holds these marks.
local function erased(entry, mark)
  local _, from = string.find(entry, mark, 1, true)
  local to = string.find(entry, ',"sender":{', from, true)
  local _, name = string.find(entry, ',"display_name":', to, true)
  local rest = string.find(entry, ',"provenance":', name, true)
  return string.sub(entry, 1, from) .. '""' .. string.sub(entry, to, name) .. NAMELESS .. string.sub(entry, rest)
end

local function eraseMessages(roomId, id)
  local room = get('r', roomId)
  if not room then return end
  local key, own = roomKey(room, 'log'), id .. ' '
  for i, message in ipairs(redis.call('LRANGE', key, 0, -1)) do
    if string.sub(message, 1, #own) == own then redis.call('LSET', key, i - 1, erased(message, ',"text":')) end
  end
  for _, sent in ipairs(redis.call('HKEYS', roomKey(room, 'sent'))) do
    if string.sub(sent, 1, #own) == own then redis.call('HDEL', roomKey(room, 'sent'), sent) end
  end
  for _, other in ipairs(redis.call('HKEYS', roomKey(room, 'members'))) do
    redis.call('RPUSH', erasuresKey(), 'log ' .. other .. ' ' .. id)
  end
end

local function eraseEvents(holder, id)
  local key = personKey({ id = holder }, 'log')
  local from = ',"sender":{"user_id":' .. text(id) .. ','
  for i, entry in ipairs(redis.call('LRANGE', key, 0, -1)) do
    if string.find(entry, from, 1, true) then redis.call('LSET', key, i - 1, erased(entry, ',"message":')) end
  end
end

-- Erases what is next on the list; true when there is more.
eraseNext = function()
  local task = redis.call('LPOP', erasuresKey())
  if not task then return false end
  local _, _, kind, of, id = string.find(task, '^(%S+) (%S+) (%S+)$')
  if kind == 'room' then eraseMessages(of, id) else eraseEvents(of, id) end
  return redis.call('EXISTS', erasuresKey()) == 1
end

function steps.forget(a)
  local person = get('p', a.id)
  if person then
    depart(person, nil, 'removed')
    local known = {}
    for _, roomId in ipairs(redis.call('LRANGE', personKey(person, 'left'), 0, -1)) do
      if not known[roomId] then
        known[roomId] = true
        redis.call('HDEL', roomKey({ id = roomId }, 'members'), person.id)
        redis.call('RPUSH', erasuresKey(), 'room ' .. roomId .. ' ' .. person.id)
      end
    end
    forget(person)
  end
  if S.records then record('participant.forgotten', '{"user_id":' .. text(a.id) .. '}') end
  return 'null'
end
`;
