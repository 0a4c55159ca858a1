import { parseArgs } from 'node:util';
import { createHistory, openShared } from '../app.module.js';
import { loadConfig, loadTenants, type ParleyConfig } from '../config/index.js';
import { isRefusal } from '../domain/errors.js';
import type { StateStore } from '../ports/state-store.js';
import { serviceEnvironment } from './environment.js';
import { operatorCommand } from './operator-command.js';
import { UsageError } from './usage-error.js';

const USAGE = `parley forget USER_ID: deletes what is kept of a participant, for ever

  --tenant NAME   whose participant it is, where TENANTS_FILE lists several
  --help

In the state (STATE_URL): its profile, token, tickets and event log, and the text of what it has said, in cases too; it leaves its rooms.
In the history (HISTORY_URL): its messages, its memberships, why it was matched. Nothing of it is taken in again afterwards.
Services may run meanwhile. What is in the memory of a service alone goes when that service is restarted.
The name of a room somebody has chosen, and what others have written about them, stays.`;

const FLAGS = { tenant: { type: 'string' }, help: { type: 'boolean', default: false } } as const;

/** `parley forget`; returns the exit code. */
export const forget = (args: readonly string[]): Promise<number> =>
  operatorCommand('forget', async () => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: FLAGS,
      strict: true,
      allowPositionals: true,
    });
    if (values.help) return console.log(USAGE);
    const [userId = ''] = positionals;
    if (positionals.length !== 1 || !/^[\w-]{1,128}$/.test(userId)) {
      throw new UsageError('name one user_id, as events and tool results tell it');
    }
    const config = configOf(values.tenant);
    if (!config.shared && (!config.history || config.history.url === 'memory:')) {
      throw new Error(
        'neither STATE_URL nor HISTORY_URL is set: everything is in the memory of the service; restart it',
      );
    }
    // The state first: what it still tells the history is then about somebody forgotten.
    console.log(`State: ${await forgetInState(config, userId)}`);
    console.log(`History: ${await forgetInHistory(config, userId)}`);
  });

/** The configuration of the service, or of the one of a tenant. @throws UsageError */
function configOf(tenant: string | undefined): ParleyConfig {
  const environment = serviceEnvironment();
  const config = loadConfig(environment);
  if (!config.tenancy) {
    if (tenant === undefined) return config;
    throw new UsageError('--tenant is for services with TENANTS_FILE');
  }
  const tenants = loadTenants(config.tenancy, environment);
  const found = tenants.find(({ name }) => name === tenant);
  if (found) return found.config;
  throw new UsageError(`--tenant must be one of ${tenants.map(({ name }) => name).join(', ')}`);
}

async function forgetInState({ shared, state: limits }: ParleyConfig, userId: string): Promise<string> {
  if (!shared) return 'in the memory of the service; restart it to delete what it holds';
  const state: StateStore & { onApplicationShutdown?: () => void } = await openShared(shared, limits);
  try {
    const now = state.sharing?.clock.now() ?? Date.now();
    const isKnown = await Promise.resolve(state.participant(userId, now)).then(
      () => true,
      (error: unknown) => {
        if (!isRefusal(error)) throw error;
        return false;
      },
    );
    await state.forget(userId, now);
    await state.sharing?.cases.forget(userId);
    return isKnown ? 'forgotten' : 'not known there any more';
  } finally {
    state.onApplicationShutdown?.();
  }
}

async function forgetInHistory({ history: settings }: ParleyConfig, userId: string): Promise<string> {
  if (settings?.url === 'memory:') return 'in the memory of the service; restart it to delete what it holds';
  const history = await createHistory({ history: settings && { ...settings, migrate: false } });
  if (!history) return 'none is configured';
  try {
    // How many messages that were says nothing: a service that runs may have heard of it first.
    await history.forget(userId);
    return 'forgotten';
  } finally {
    await history.close();
  }
}
