import { createHash } from 'node:crypto';
import { FORGETTING } from './forgetting.js';
import { LOGS } from './logs.js';
import { MATCHES } from './matches.js';
import { OPERATIONS } from './operations.js';
import { OPERATORS } from './operators.js';
import { OUTBOX, OUTBOX_READERS } from './outbox.js';
import { PEOPLE } from './people.js';
import { POOLS } from './pools.js';
import { ROOMS } from './rooms.js';
import { SANCTIONS } from './sanctions.js';
import { STEP } from './step.js';
import { TICKETS } from './tickets.js';
import { UPKEEP } from './upkeep.js';

/**
 * One call is one step. `keys[1]` is the hash tag of the namespace, with which every key begins.
 *
 * Limits that were seen before are named by their digest alone; a digest that is not known is answered with the error
 * `LIMITS`, and nothing is done.
 *
 * @param args name, time in milliseconds, the same as RFC 3339, who calls, digest of the limits, the limits or nothing,
 * what the step takes (JSON, or several texts), publishing command
 */
const CALL = String.raw`
local MAX_LIMITS = 16
local GIVEN = 7
local limitsBy, limitsCount = {}, 0
-- When the feed of a namespace was last given time; what is forgotten here is done once more.
local feedKept = {}

local function limitsOf(digest, raw)
  if not limitsBy[digest] and raw ~= '' then
    if limitsCount == MAX_LIMITS then limitsBy, limitsCount = {}, 0 end
    limitsBy[digest], limitsCount = cjson.decode(raw), limitsCount + 1
  end
  return limitsBy[digest]
end

-- What was written, for the caller: without the body it knows.
local function publish(origin, command)
  if #S.appended == 0 then return '"appended":[],"bodies":[]' end
  local place = redis.call('HINCRBY', S.tag .. ':meta', 'feed', 1)
  local text, feed, appended = whole(place), S.tag .. ':feed', joined(S.appended)
  local message = text .. ' ' .. origin .. ' {"appended":[' .. appended .. '],"bodies":[' .. joined(S.bodies) .. ']}'
  redis.call('XADD', feed, 'MAXLEN', '~', FEED_LENGTH, text .. '-0', 'm', message)
  if place == 1 or math.abs(S.now - (feedKept[S.tag] or 0)) > HOUR then
    redis.call('PEXPIRE', feed, 2 * HOUR)
    feedKept[S.tag] = S.now
  end
  redis.call(command, S.tag .. ':live', message)
  if S.known then S.bodies[S.known] = 'null' end
  return '"appended":[' .. appended .. '],"bodies":[' .. joined(S.bodies) .. ']'
end

local function call(keys, args)
  local limits = limitsOf(args[5], args[6])
  if not limits then return redis.error_reply('LIMITS are not known by this digest') end
  begin(keys[1], args[2], args[3], limits)
  openRecords(args[4])
  local isDone, result
  if #args > GIVEN + 1 then
    isDone, result = pcall(steps[args[1]], unpack(args, GIVEN, #args - 1))
  else
    isDone, result = pcall(steps[args[1]], cjson.decode(args[GIVEN]))
  end
  if not isDone and (type(result) ~= 'table' or not result.code) then
    error(type(result) == 'table' and result.err or result, 0)
  end
  flush()
  writeRecords()
  local json = publish(args[4], args[#args])
  if isDone then return '{"value":' .. result .. ',' .. json .. '}' end
  return '{"refused":' .. cjson.encode(result) .. ',' .. json .. '}'
end
`;

const CODE = [
  STEP,
  UPKEEP,
  OUTBOX,
  LOGS,
  ROOMS,
  SANCTIONS,
  PEOPLE,
  TICKETS,
  POOLS,
  MATCHES,
  OPERATIONS,
  OPERATORS,
  FORGETTING,
  OUTBOX_READERS,
  CALL,
].join('\n');

/** The name says what is in it, so that instances of different versions each call their own. */
export const FUNCTION = `parley_${createHash('sha256').update(CODE).digest('hex').slice(0, 16)}`;

/** A library of one function, as `FUNCTION LOAD` takes it. */
export const LIBRARY = `#!lua name=${FUNCTION}\n${CODE}\nredis.register_function('${FUNCTION}', call)\n`;
