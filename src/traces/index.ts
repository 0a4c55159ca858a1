export { type Arrival, type Arriving, formatArrival, TRACE_HEADER, TraceError } from './trace.js';
export { readTrace, readTraceFile } from './trace-reader.js';
