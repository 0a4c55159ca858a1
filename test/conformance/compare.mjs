/**
 * Holds what a run showed against what a revision requires and what Parley has no use for.
 *
 * @param required the scenarios that the revision requires
 * @param results by scenario: the messages of its failed checks, none when it passed
 * @param exceptions by scenario: why it need not pass
 * @returns a row for each required scenario, then one for each exception that names none
 */
export function compare(required, results, exceptions) {
  const names = new Set(required);
  const strangers = Object.keys(exceptions).filter((scenario) => !names.has(scenario));
  return [
    ...required.map((scenario) => ({ scenario, ...judge(results[scenario], exceptions[scenario]) })),
    ...strangers.map((scenario) => ({
      scenario,
      outcome: 'failed',
      note: 'listed as an exception, but the revision has no such scenario',
    })),
  ];
}

function judge(failures, reason) {
  if (failures === undefined) return { outcome: 'failed', note: 'gave no result' };
  if (reason === undefined) {
    return failures.length === 0 ? { outcome: 'passed', note: '' } : { outcome: 'failed', note: failures.join('; ') };
  }
  if (typeof reason !== 'string' || reason.trim() === '') {
    return { outcome: 'failed', note: 'listed as an exception without a reason' };
  }
  return failures.length === 0
    ? { outcome: 'failed', note: 'listed as an exception, but it passes' }
    : { outcome: 'excepted', note: reason };
}
