import { createHash } from 'node:crypto';
import { FORGETTING } from './forgetting.js';
import { LOGS } from './logs.js';
import { MATCHES } from './matches.js';
import { OPERATIONS } from './operations.js';
import { OUTBOX, OUTBOX_READERS } from './outbox.js';
import { PEOPLE } from './people.js';
import { ROOMS } from './rooms.js';
import { STEP } from './step.js';
import { TICKETS } from './tickets.js';
import { UPKEEP } from './upkeep.js';

/**
 * One call is one step. `keys[1]` is the hash tag of the namespace, with which every key begins.
 *
 * @param args name, time in milliseconds, the same as RFC 3339, who calls, the limits, arguments, publishing command
 */
const CALL = String.raw`
local function publish(origin, command)
  local json = '"appended":' .. array(S.appended) .. ',"bodies":' .. array(S.bodies)
  if #S.appended == 0 then return json end
  local place = redis.call('HINCRBY', S.tag .. ':meta', 'feed', 1)
  local message = whole(place) .. ' ' .. origin .. ' {' .. json .. '}'
  local feed = S.tag .. ':feed'
  redis.call('XADD', feed, 'MAXLEN', '~', FEED_LENGTH, whole(place) .. '-0', 'm', message)
  redis.call('PEXPIRE', feed, HOUR)
  redis.call(command, S.tag .. ':live', message)
  return json
end

local function call(keys, args)
  begin(keys[1], args[2], args[3], args[5])
  openRecords(args[4])
  local isDone, result = pcall(steps[args[1]], cjson.decode(args[6]))
  if not isDone and (type(result) ~= 'table' or not result.code) then
    error(type(result) == 'table' and result.err or result, 0)
  end
  flush()
  writeRecords()
  local json = publish(args[4], args[7])
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
  PEOPLE,
  TICKETS,
  MATCHES,
  OPERATIONS,
  FORGETTING,
  OUTBOX_READERS,
  CALL,
].join('\n');

/** The name says what is in it, so that instances of different versions each call their own. */
export const FUNCTION = `parley_${createHash('sha256').update(CODE).digest('hex').slice(0, 16)}`;

/** A library of one function, as `FUNCTION LOAD` takes it. */
export const LIBRARY = `#!lua name=${FUNCTION}\n${CODE}\nredis.register_function('${FUNCTION}', call)\n`;
