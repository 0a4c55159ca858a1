import { createHash } from 'node:crypto';
import { FORGETTING } from './forgetting.js';
import { LOGS } from './logs.js';
import { MATCHES } from './matches.js';
import { OPERATIONS } from './operations.js';
import { OPERATORS } from './operators.js';
import { OUTBOX, OUTBOX_READERS } from './outbox.js';
import { PEOPLE } from './people.js';
import { POOLS } from './pools.js';
import { RECORDS } from './records.js';
import { ROOMS } from './rooms.js';
import { SANCTIONS } from './sanctions.js';
import { STEP } from './step.js';
import { TICKETS } from './tickets.js';
import { UPKEEP } from './upkeep.js';

/**
 * One call is some steps, one after the other; each is done whole or not at all, whatever becomes of the others, and has
 * its answer: JSON, or `!` and what is wrong with the step itself. `keys[1]` is the hash tag of the namespace, with which
 * every key begins.
 *
 * Limits that were seen before are named by their digest alone; a digest that is not known is answered with the error
 * `LIMITS`, and nothing is done.
 *
 * @param args who calls, digest of the limits, the limits or nothing; for each step its name, the time in milliseconds,
 * the same as RFC 3339, how many texts it takes (one is JSON), and these; publishing command
 */
const CALL = String.raw`
local call

do

local MAX_LIMITS = 16
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

-- Tells other instances what so many steps of a call have written. A message bears its number, that of its last step, and the
-- number before it.
local function publish(told, wrote, caller, command)
  local tag, now = S.tag, S.now
  local place = redis.call('HINCRBY', tag .. ':meta', 'feed', wrote)
  local number, feed = count(place), tag .. ':feed'
  told[1] = number .. ' ' .. count(place - wrote) .. ' ' .. caller .. ' {"told":['
  told[#told + 1] = ']}'
  local message = table.concat(told)
  redis.call('XADD', feed, 'MINID', '~', count(math.max(0, place - FEED_STEPS)), number .. '-0', 'm', message)
  if place == wrote or math.abs(now - (feedKept[tag] or 0)) > HOUR then
    redis.call('PEXPIRE', feed, 2 * HOUR)
    feedKept[tag] = now
  end
  redis.call(command, tag .. ':live', message)
end

local function run(name, args, from, to)
  if from == to then return steps[name](cjson.decode(args[from])) end
  return steps[name](unpack(args, from, to))
end

local function write()
  flush()
  writeRecords()
end

-- Takes the step that is given args[from..to], and returns its answer.
local function take(name, args, from, to)
  local toldBefore = #S.told
  local isDone, result = pcall(run, name, args, from, to)
  if not isDone then doubt() end
  if isDone or type(result) == 'table' and result.code then
    local isWritten, fault = pcall(write)
    if isWritten then
      local answer = S.answered
      answer[#answer + 1] = isDone and '],"value":' or '],"refused":'
      answer[#answer + 1] = isDone and result or cjson.encode(result)
      answer[#answer + 1] = '}'
      return table.concat(answer)
    end
    result = fault
  end
  for i = #S.told, toldBefore + 1, -1 do S.told[i] = nil end
  return '!' .. (type(result) == 'table' and result.err or tostring(result))
end

function call(keys, args)
  local limits = limitsOf(args[2], args[3])
  if not limits then return redis.error_reply('LIMITS are not known by this digest') end
  local tag, caller, last = keys[1], args[1], #args
  local answers, told, wrote, i = {}, { '' }, 0, 4
  while i < last do
    local from = i + 4
    local next = from + tonumber(args[i + 3])
    begin(tag, args[i + 1], args[i + 2], limits, caller, #answers, told)
    openRecords()
    local toldBefore = #told
    answers[#answers + 1] = take(args[i], args, from, next - 1)
    if #told > toldBefore then wrote = wrote + 1 end
    i = next
  end
  if wrote > 0 then publish(told, wrote, caller, args[last]) end
  return answers
end

end
`;

const CODE = [
  STEP,
  RECORDS,
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
