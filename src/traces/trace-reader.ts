import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Arrival, isHeader, parseArrival, TRACE_HEADER, TraceError } from './trace.js';

/** The arrivals of a trace file, one after the other. @throws TraceError naming the file, the line and the rule */
export async function* readTraceFile(file: string): AsyncGenerator<Arrival> {
  const input = createReadStream(file, 'utf8');
  try {
    yield* readTrace(createInterface({ input, crlfDelay: Infinity }));
  } catch (error) {
    if (error instanceof TraceError) throw new TraceError(`${file}: ${error.message}`);
    if (isSystemError(error)) throw new TraceError(`${file} cannot be read: ${error.code}`);
    throw error;
  } finally {
    input.destroy();
  }
}

/**
 * The arrivals of a trace. A header further down starts a new recording, whose times go on from the last arrival before.
 *
 * @throws TraceError naming the line and the rule
 */
export async function* readTrace(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Arrival> {
  let number = 0;
  let started = false;
  let offset = 0;
  let last = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    let arrival: Arrival | undefined;
    try {
      if (isHeader(line)) {
        started = true;
        offset = last;
      } else if (!started) throw new TraceError(`the first line must be ${JSON.stringify(TRACE_HEADER)}`);
      else arrival = laterBy(parseArrival(line), offset, last);
    } catch (error) {
      throw error instanceof TraceError ? new TraceError(`line ${number}: ${error.message}`) : error;
    }
    if (!arrival) continue;
    last = arrival.at;
    yield arrival;
  }
  if (!started) throw new TraceError('is empty');
}

function laterBy(arrival: Arrival, offset: number, last: number): Arrival {
  const at = arrival.at + offset;
  if (at < last) throw new TraceError('at_ms must not be less than in the line before');
  return offset === 0 ? arrival : { ...arrival, at };
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error;
