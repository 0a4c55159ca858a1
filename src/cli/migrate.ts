import { parseArgs } from 'node:util';
import { migrateHistory } from '../app.module.js';
import { type HistorySettings, loadConfig, loadTenants } from '../config/index.js';
import { serviceEnvironment } from './environment.js';
import { operatorCommand } from './operator-command.js';
import { UsageError } from './usage-error.js';

const USAGE = `parley migrate: brings the tables of the history up to date

  --dry-run   only says what would be done
  --help

HISTORY_URL says where they are; with TENANTS_FILE, those of each tenant. A service does the same when it starts, unless HISTORY_MIGRATE=false. Services may run
meanwhile, and several may migrate at once: one does it, the others find nothing left to do.`;

const FLAGS = { 'dry-run': { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } as const;

/** `parley migrate`; returns the exit code. */
export const migrate = (args: readonly string[]): Promise<number> =>
  operatorCommand('migrate', async () => {
    const flags = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
    if (flags.help) return console.log(USAGE);
    const environment = serviceEnvironment();
    const config = loadConfig(environment);
    if (!config.history || config.history.url === 'memory:') {
      throw new UsageError(
        'HISTORY_URL must be the address of a PostgreSQL, e.g. postgres://user:password@host/database',
      );
    }
    const apply = !flags['dry-run'];
    const tenants = config.tenancy ? loadTenants(config.tenancy, environment) : [];
    if (!config.tenancy) await migrateOne(config.history, apply);
    for (const { name, config: own } of tenants) await migrateOne(own.history!, apply, `${name}: `);
  });

async function migrateOne(history: HistorySettings, apply: boolean, whose = ''): Promise<void> {
  const { present, missing } = await migrateHistory(history, apply);
  for (const name of present) console.log(`${whose}${name}: there`);
  for (const name of missing) console.log(`${whose}${name}: ${apply ? 'applied' : 'missing, would be applied'}`);
  if (missing.length === 0) console.log(`${whose}Nothing to do.`);
}
