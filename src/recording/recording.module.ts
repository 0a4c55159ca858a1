import { type DynamicModule, Module } from '@nestjs/common';
import { TraceRecorder } from './trace-recorder.js';

/** Recording of arrivals for simulations. */
@Module({})
export class RecordingModule {
  /** @param queue the module that provides the queue */
  static register(queue: DynamicModule): DynamicModule {
    return { module: RecordingModule, imports: [queue], providers: [TraceRecorder] };
  }
}
