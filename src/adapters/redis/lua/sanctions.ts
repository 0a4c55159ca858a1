/**
 * Bans and mutes: each by its id as the adapter wrote it, and by its subject, a participant (`p`) or a principal (`a`), what it is and
 * until when. A participant's record has until when it is banned or muted in all, so that steps need not look further.
 */
export const SANCTIONS = String.raw`
local sanctions = { FOREVER = 9007199254740991 }

function sanctions.key(part)
  return S.tag .. ':sanctions' .. part
end

function sanctions.keyOf(kind, id)
  return S.tag .. ':sanctioned-' .. kind .. ':' .. id
end

function sanctions.keyOfSubject(subject)
  if subject.principal then return sanctions.keyOf('a', subject.principal) end
  return sanctions.keyOf('p', subject.participantId)
end

-- What is imposed on somebody and on their principal: ids, and by them what it is and until when.
function sanctions.of(person)
  local ids, found = {}, {}
  local keys = { sanctions.keyOf('p', person.id), person.principal and sanctions.keyOf('a', person.principal) }
  for _, key in ipairs(keys) do
    local entries = redis.call('HGETALL', key)
    for i = 1, #entries, 2 do
      local _, _, kind, till = string.find(entries[i + 1], '^(%S+) (%d+)$')
      ids[#ids + 1] = entries[i]
      found[entries[i]] = { kind = kind, till = tonumber(till) }
    end
  end
  return ids, found
end

function sanctions.restrict(person)
  person.banned, person.muted = nil, nil
  local _, found = sanctions.of(person)
  for _, sanction in pairs(found) do
    local field = sanction.kind == 'ban' and 'banned' or 'muted'
    person[field] = math.max(person[field] or 0, sanction.till)
  end
  touch(person)
end

function sanctions.isInForce(till)
  return till ~= nil and till > S.now
end

-- Refuses what somebody does while a restriction of theirs is in force.
function sanctions.requireNone(code, till)
  if sanctions.isInForce(till) then fail(code, { till = till < sanctions.FOREVER and whole(till) or nil }) end
end

-- Returns the sanction, if there is such a one.
function sanctions.drop(id)
  local raw = redis.call('HGET', sanctions.key(''), id)
  if not raw then return end
  local sanction = cjson.decode(raw)
  redis.call('HDEL', sanctions.key(''), id)
  redis.call('ZREM', sanctions.key('-order'), id)
  redis.call('HDEL', sanctions.keyOfSubject(sanction.subject), id)
  unschedule('sanction', id)
  return sanction
end

function sanctions.forget(person)
  if not person.banned and not person.muted then return end
  for _, id in ipairs(redis.call('HKEYS', sanctions.keyOf('p', person.id))) do sanctions.drop(id) end
end
`;
