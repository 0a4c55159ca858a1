/** A family of metrics as an exposition tells it. */
export interface ExposedFamily {
  readonly help: string;
  readonly type: string;
  /** Values by series, e.g. `parley_tickets_total{pool="default"}`, labels in alphabetical order. */
  readonly series: Map<string, number>;
}

export type Exposition = ReadonlyMap<string, ExposedFamily>;

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (\\S+)$`);
const NUMBER = /^([+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|\+Inf|-Inf|NaN)$/i;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Reads the text format of Prometheus (0.0.4), strictly. @throws Error naming the line that is wrong */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line must end');
  const families = new Map<string, ExposedFamily>();
  let help: { name: string; text: string } | undefined;
  let current: { name: string; family: ExposedFamily } | undefined;
  text.split('\n').forEach((line, i) => {
    const fail = (why: string) => new Error(`line ${i + 1}: ${why}: ${line}`);
    if (line === '') return;
    const [, helped, words] = new RegExp(`^# HELP (${NAME}) (.*)$`).exec(line) ?? [];
    if (helped !== undefined) {
      help = { name: helped, text: words! };
      return;
    }
    const [, typed, type] = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`).exec(line) ?? [];
    if (typed !== undefined) {
      if (help?.name !== typed) throw fail('there is no help');
      if (families.has(typed)) throw fail('the family comes twice');
      current = { name: typed, family: { help: help.text, type: type!, series: new Map() } };
      families.set(typed, current.family);
      return;
    }
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || !NUMBER.test(value!)) throw fail('no sample');
    const suffixes = (current && SUFFIXES[current.family.type]) ?? [''];
    if (!current || !suffixes.some((suffix) => name === current!.name + suffix)) throw fail('of another family');
    const sorted = (labels.match(new RegExp(LABEL, 'g')) ?? []).sort();
    const series = sorted.length === 0 ? name : `${name}{${sorted.join(',')}}`;
    if (current.family.series.has(series)) throw fail('the series comes twice');
    current.family.series.set(series, value === '+Inf' ? Infinity : Number(value));
  });
  for (const [name, family] of families) {
    if (family.type === 'histogram') requireHistogram(name, family.series);
  }
  return families;
}

/** Buckets grow, and the last holds all. */
function requireHistogram(name: string, series: ReadonlyMap<string, number>): void {
  const buckets = new Map<string, number[]>();
  for (const [key, value] of series) {
    if (!key.startsWith(`${name}_bucket`)) continue;
    const rest = key
      .replace(/,?le="[^"]*"/, '')
      .replace('{,', '{')
      .replace('{}', '');
    buckets.set(rest, [...(buckets.get(rest) ?? []), value]);
  }
  for (const [key, values] of buckets) {
    if (values.some((value, i) => i > 0 && value < values[i - 1]!)) throw new Error(`${key} is not cumulative`);
    if (values.at(-1) !== series.get(key.replace('_bucket', '_count')))
      throw new Error(`${key}: +Inf is not the count`);
  }
}

/** The value of a series; 0 when it is not there. */
export function valueOf(exposition: Exposition, series: string): number {
  for (const family of exposition.values()) {
    const value = family.series.get(series);
    if (value !== undefined) return value;
  }
  return 0;
}
