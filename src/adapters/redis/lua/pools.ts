import { STRATEGY_SETTLES_MS } from '../../../ports/operator-steps.js';

/**
 * What operators have said of pools: mode and strategy. Where all who wait are to be looked at again, it is kept how far
 * that has come, so that no step is long.
 */
export const POOLS = String.raw`
local pools = { STRATEGY_SETTLES_MS = ${STRATEGY_SETTLES_MS}, LOOKED_AT_ONCE = 50 }

function pools.controlsKey()
  return S.tag .. ':controls'
end

function pools.againKey()
  return S.tag .. ':again'
end

-- Mode of a pool, and its strategy as JSON.
function pools.controlOf(pool)
  local raw = redis.call('HGET', pools.controlsKey(), pool)
  if not raw then return 'open', 'null' end
  local _, _, mode, strategy = string.find(raw, '^(%S+) (.*)$')
  return mode, strategy
end

function pools.modeOf(pool)
  return (pools.controlOf(pool))
end

function pools.isPaused(pool)
  return pools.modeOf(pool) == 'paused'
end

function pools.control(pool, mode, strategy)
  local modeBefore, strategyBefore = pools.controlOf(pool)
  if mode == 'open' and strategy == 'null' then
    redis.call('HDEL', pools.controlsKey(), pool)
  else
    redis.call('HSET', pools.controlsKey(), pool, mode .. ' ' .. strategy)
  end
  if strategy ~= strategyBefore then
    redis.call('HSET', pools.againKey(), pool, whole(S.now + pools.STRATEGY_SETTLES_MS) .. ' people 0 ')
  elseif modeBefore == 'paused' and mode ~= 'paused' then
    redis.call('HSET', pools.againKey(), pool, '0 people 0 ')
  end
end

-- At most so many of a sorted set that stand behind a place, each as a place.
function pools.behind(key, after, limit)
  local found, offset = {}, 0
  while true do
    local some = redis.call('ZRANGEBYSCORE', key, after and whole(after.at) or '-inf', '+inf', 'WITHSCORES', 'LIMIT', offset, limit)
    for i = 1, #some, 2 do
      local id, score = some[i], tonumber(some[i + 1])
      if not after or score > after.at or id > after.tie then found[#found + 1] = { at = score, tie = id } end
      if #found == limit then return found end
    end
    if #some < 2 * limit then return found end
    offset = offset + limit
  end
end

-- Goes on through the pools in which all are to be looked at again, until the caller wants no more.
function pools.takeAgain(hand)
  local all = redis.call('HGETALL', pools.againKey())
  for i = 1, #all, 2 do
    local pool = all[i]
    local _, _, from, part, at, tie = string.find(all[i + 1], '^(%d+) (%S+) (%d+) (.*)$')
    if tonumber(from) <= S.now and not pools.isPaused(pool) then
      local found = pools.behind(listKey(pool, part), { at = tonumber(at), tie = tie }, pools.LOOKED_AT_ONCE)
      for j, place in ipairs(found) do
        local ticket = get('k', place.tie)
        if ticket and ticket.state == 'waiting' and ticket.pool == pool and not hand(ticket) then
          return redis.call('HSET', pools.againKey(), pool, '0 ' .. part .. ' ' .. whole(found[j].at) .. ' ' .. found[j].tie)
        end
      end
      if #found == pools.LOOKED_AT_ONCE then
        local last = found[#found]
        redis.call('HSET', pools.againKey(), pool, '0 ' .. part .. ' ' .. whole(last.at) .. ' ' .. last.tie)
      elseif part == 'people' then
        redis.call('HSET', pools.againKey(), pool, '0 others 0 ')
      else
        redis.call('HDEL', pools.againKey(), pool)
      end
    end
  end
end
`;
