export { type Axis, lineChart, type LineChart, type Series } from './line-chart.js';
export { barChart, dotChart, type Measure, type Spread, spreadChart } from './row-chart.js';
