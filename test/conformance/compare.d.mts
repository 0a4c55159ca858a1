export interface Row {
  readonly scenario: string;
  readonly outcome: 'passed' | 'excepted' | 'failed';
  readonly note: string;
}

export function compare(
  required: readonly string[],
  results: Readonly<Record<string, readonly string[]>>,
  exceptions: Readonly<Record<string, unknown>>,
): Row[];
