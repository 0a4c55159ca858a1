/**
 * The lease of upkeep: what is done once per namespace is done by one instance at a time. Each holder has a fencing
 * token greater than all before; whoever comes with another than the newest has no part in upkeep, however late it
 * wakes. It runs by the clock of the server, since that is the same for all.
 */
export const UPKEEP = String.raw`
local LEASE_MS = 3000

local function serverTime()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
end

local function upkeepKey()
  return S.tag .. ':upkeep'
end

-- The caller's fencing token if upkeep is its now: it holds the lease, or nobody does any more.
local function lead(holder, token)
  local had, newest, ends = unpack(redis.call('HMGET', upkeepKey(), 'holder', 'token', 'until'))
  local time = serverTime()
  if had ~= holder or tonumber(newest) ~= token then
    if ends and tonumber(ends) > time then return end
    token = math.max(tonumber(newest or '0'), token) + 1
  end
  redis.call('HSET', upkeepKey(), 'holder', holder, 'token', whole(token), 'until', whole(time + LEASE_MS))
  return token
end

-- Whether the lease was given to nobody else since.
local function isNewest(holder, token)
  local had, newest = unpack(redis.call('HMGET', upkeepKey(), 'holder', 'token'))
  return had == holder and tonumber(newest) == token
end

local function resign(holder, token)
  if isNewest(holder, token) then redis.call('HSET', upkeepKey(), 'until', '0') end
end
`;
