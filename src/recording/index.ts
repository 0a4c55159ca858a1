export { RecordingModule } from './recording.module.js';
export { TraceRecorder } from './trace-recorder.js';
