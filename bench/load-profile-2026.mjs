// Load profile for 2026-07-28 in which a participant that enters again names itself by the token it has, as a client of
// a stateless revision does. The generator fills templates per participant; `toJSON` sees the filled values.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const load = path.resolve(process.env.LOAD ?? fileURLToPath(new URL('../../shared/load', import.meta.url)));
const { default: base } = await import(pathToFileURL(path.join(load, 'profiles/parley-2026.mjs')));

const tokens = new Map();
/** Arguments that tell whose token they carry, under a key that is not sent. */
const telling = (args) => ({
  ...args,
  who: 'p{i}',
  toJSON() {
    const { who, ...sent } = this;
    tokens.set(who, sent.participant_token);
    return { ...sent, toJSON: undefined };
  },
});
const [[extension, filter]] = Object.entries(base.listen.filter);

export default {
  ...base,
  tools: {
    ...base.tools,
    enter: {
      name: 'enter_queue',
      args: {
        display_name: 'p{i}',
        toJSON() {
          const { display_name } = this;
          return { display_name, participant_token: tokens.get(display_name) };
        },
      },
    },
    wait: { ...base.tools.wait, args: telling(base.tools.wait.args) },
  },
  listen: { ...base.listen, filter: { [extension]: telling(filter) } },
};
