import { parseArgs } from 'node:util';
import { DEFAULT_ENDPOINT, endpoint } from '../endpoint.js';
import { UsageError } from '../usage-error.js';

export const DOCTOR_USAGE = `parley doctor [url]: checks a service, and says what clients of each era will be able to hear

  url          of the service; ${DEFAULT_ENDPOINT} by default, and /mcp may be left out
  --patient    wait half a minute to see whether something in between cuts idle streams
  --json       prints JSON instead of tables
  --help

Two participants, one of each era, meet for a moment in a room of their own and leave again. Nobody else is met.

PARLEY_BEARER_TOKEN is sent to services that want a bearer token.
Exit codes: 0 all is well, 1 something will not be heard, 2 wrong usage, 3 no MCP could be reached.`;

const FLAGS = {
  patient: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What `parley doctor` was asked for. */
export interface DoctorRequest {
  readonly url: URL;
  readonly patient: boolean;
  readonly json: boolean;
}

/** @throws UsageError */
export function parseDoctorArguments(args: readonly string[]): DoctorRequest | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (positionals.length > 1) throw new UsageError(`one url is enough; ${JSON.stringify(positionals[1])} is too much`);
  return { url: endpoint(positionals[0]), patient: values.patient, json: values.json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0]);
  }
}
