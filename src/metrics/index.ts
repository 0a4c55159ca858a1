export { MetricsModule } from './metrics.module.js';
export { StepFigures } from './step-figures.js';
export { WaitFigures } from './wait-figures.js';
