export { type Family, metricOf } from './family.js';
export { figuresOfMany } from './figures-of-many.js';
export { MetricsModule } from './metrics.module.js';
export { mountMetrics } from './mount-metrics.js';
