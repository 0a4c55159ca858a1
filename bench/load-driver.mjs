// Driver for the load generator that spreads participants over the instances that load-instances.mjs has started, in turn, so
// that partners talk across instances. Processor time of Redis and of the instances, in nanoseconds for each message of the
// measured window, is among the run's notes.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const load = path.resolve(process.env.LOAD ?? fileURLToPath(new URL('../../shared/load', import.meta.url)));
const loaded = (name) => import(pathToFileURL(path.join(load, name)));
const { ERA25, ERA26, McpDriver } = await loaded('drivers/mcp.mjs');
const { cpuOf } = await loaded('lib/proc.mjs');

// The generator does not hand these on to drivers of others.
const text = (value) => ({ type: 'string', default: value });
const options = { url: text(''), era: text(ERA25), delivery: text('push'), 'post-conns': text('2') };
const { values: given } = parseArgs({ options, strict: false });
const { redis, instances } = await (await fetch(new URL('/', given.url))).json();

export default class SpreadDriver {
  acks = true;
  #drivers;
  #timer;

  constructor(common) {
    const era = given.era.startsWith('2026') ? ERA26 : ERA25;
    const own = { era, delivery: given.delivery, postConns: Number(given['post-conns']) };
    this.#drivers = instances.map(({ url }) => new McpDriver({ ...common, ...own, url }));
    this.#timer = setInterval(() => this.#look(common), 20);
  }

  participant(i) {
    return this.#drivers[i % this.#drivers.length].participant(i);
  }

  close() {
    clearInterval(this.#timer);
    for (const driver of this.#drivers) driver.close();
  }

  #begun;

  #look({ ledger, notes }) {
    const now = performance.now();
    if (now < ledger.from) return;
    if (!this.#begun) this.#begun = measure(ledger);
    else if (now >= ledger.to) {
      clearInterval(this.#timer);
      const ended = measure(ledger);
      const messages = ended.messages - this.#begun.messages;
      for (const who of ['redis', 'instances']) {
        notes.add(`${who}_ns_per_message`, Math.round((1e9 * (ended[who] - this.#begun[who])) / messages));
      }
    }
  }
}

const measure = ({ delivered }) => ({
  messages: delivered,
  redis: cpuOf(redis).total,
  instances: cpuOf(instances.map(({ pid }) => pid)).total,
});
