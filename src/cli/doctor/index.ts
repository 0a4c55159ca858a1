import { cliEnvironment } from '../environment.js';
import { UsageError } from '../usage-error.js';
import { DOCTOR_USAGE, parseDoctorArguments } from './arguments.js';
import { diagnose } from './diagnose.js';
import { exitCode } from './findings.js';
import { table } from './table.js';

/** `parley doctor`. Resolves with the exit code: 0 all is well, 1 something not heard, 2 wrong usage, 3 no MCP there. */
export async function doctor(args: readonly string[]): Promise<number> {
  try {
    const request = parseDoctorArguments(args);
    if (request === 'help') {
      console.log(DOCTOR_USAGE);
      return 0;
    }
    const { bearerToken, colour = process.stdout.isTTY } = cliEnvironment();
    const diagnosis = await diagnose({ ...request, ...(bearerToken !== undefined && { bearerToken }) });
    const code = exitCode(diagnosis);
    console.log(
      request.json ? JSON.stringify({ ok: code === 0, ...diagnosis }, undefined, 2) : table(diagnosis, colour),
    );
    return code;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`parley doctor: ${error.message}\nSee parley doctor --help`);
    return 2;
  }
}
