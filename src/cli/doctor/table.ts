import { type Diagnosis, ERAS, type Finding, type Outcome } from './findings.js';

const MARKS: Readonly<Record<Outcome, string>> = { yes: '✓', no: '✗', none: '–' };
const COLOURS: Readonly<Record<Outcome, number>> = { yes: 32, no: 31, none: 90 };

/** The diagnosis for a terminal: what is so, what clients of each era hear, and what to change. */
export function table({ url, service, endpoint, hearing }: Diagnosis, colour: boolean): string {
  const painted = (outcome: Outcome, text: string) => (colour ? `\u001b[${COLOURS[outcome]}m${text}\u001b[0m` : text);
  const wide = Math.max(...[...endpoint, ...hearing].map(({ title }) => title.length));
  const lines = [service === undefined ? url : `${url} (${service})`, ''];
  for (const { title, finding } of endpoint) {
    const told = finding.outcome === 'no' ? '' : words(finding);
    const line = `${painted(finding.outcome, MARKS[finding.outcome])} ${title.padEnd(wide)}  ${told}`;
    lines.push(line.trimEnd());
  }
  if (hearing.length > 0) {
    const cells = hearing.map(({ eras }) =>
      ERAS.map((era) => `${MARKS[eras[era].outcome]} ${words(eras[era])}`.trim()),
    );
    const widths = ERAS.map((era, column) => Math.max(era.length, ...cells.map((row) => row[column]!.length)) + 3);
    lines.push(
      '',
      `  ${''.padEnd(wide)}  ${ERAS.map((era, column) => era.padEnd(widths[column]!)).join('')}`.trimEnd(),
    );
    hearing.forEach(({ title, eras }, row) => {
      const columns = ERAS.map((era, column) =>
        painted(eras[era].outcome, cells[row]![column]!.padEnd(widths[column]!)),
      );
      lines.push(`  ${title.padEnd(wide)}  ${columns.join('')}`.trimEnd());
    });
  }
  const wrong = advice({ url, endpoint, hearing });
  return [...lines, '', ...(wrong.length > 0 ? wrong.map((line) => painted('no', line)) : ['All is well.'])].join('\n');
}

/** One line for each thing that is wrong; eras that share a trouble share the line. */
function advice({ endpoint, hearing }: Diagnosis): string[] {
  const lines = endpoint
    .filter(({ finding }) => finding.outcome === 'no')
    .map(({ title, finding }) => `✗ ${title}: ${finding.detail}. ${finding.advice}.`);
  for (const { title, eras } of hearing) {
    const byAdvice = new Map<string, string[]>();
    for (const era of ERAS) {
      const { outcome, detail, advice } = eras[era];
      if (outcome !== 'no') continue;
      const what = `${detail}. ${advice}.`;
      byAdvice.set(what, [...(byAdvice.get(what) ?? []), era]);
    }
    for (const [what, affected] of byAdvice) lines.push(`✗ ${title} (${affected.join(', ')}): ${what}`);
  }
  return lines;
}

function words({ detail, ms }: Finding): string {
  return [ms === undefined ? undefined : `${Math.max(1, Math.round(ms))} ms`, detail]
    .filter((part) => part !== undefined)
    .join(', ');
}
