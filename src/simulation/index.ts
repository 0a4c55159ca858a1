export { type DayPlan, generateDay } from './generate.js';
export { matchQuality } from './match-quality.js';
export { type GroupSummary, summarise, type Summary, type Waits } from './report.js';
export { type Result, simulationCharts } from './simulation-charts.js';
export { type ArrivalSource, type Scenario, type Simulated, Simulator, type Visit } from './simulator.js';
export { type StrategyParts, strategyParts } from './strategy-parts.js';
export { summaryTable } from './table.js';
