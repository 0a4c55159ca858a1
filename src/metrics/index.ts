export { type Family, metricOf } from './family.js';
export { figuresOfMany } from './figures-of-many.js';
export { MetricsModule } from './metrics.module.js';
export { mountMetrics } from './mount-metrics.js';
export { StepFigures } from './step-figures.js';
export { WaitFigures } from './wait-figures.js';
