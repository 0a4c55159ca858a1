import { describe, expect, it } from '@jest/globals';
import { type Diagnosis, ERAS, exitCode, type Finding, no, none, yes } from '../../../src/cli/doctor/findings.js';
import { table } from '../../../src/cli/doctor/table.js';

const diagnosis = (...eras: Finding[]): Diagnosis => ({
  url: 'http://127.0.0.1:3000/mcp',
  service: 'parley 1.0.0',
  endpoint: [{ check: 'reachable', title: 'reachable', finding: yes(undefined, 3.2) }],
  hearing: [
    {
      check: 'push',
      title: 'events are pushed',
      eras: Object.fromEntries(ERAS.map((era, index) => [era, eras[index]])) as Diagnosis['hearing'][number]['eras'],
    },
  ],
});

describe('the doctor’s table', () => {
  it('shows each era in a column', () => {
    expect(table(diagnosis(yes(undefined, 12.4), none('not tried')), false)).toBe(
      [
        'http://127.0.0.1:3000/mcp (parley 1.0.0)',
        '',
        '✓ reachable          3 ms',
        '',
        '                     2025-11-25   2026-07-28',
        '  events are pushed  ✓ 12 ms      – not tried',
        '',
        'All is well.',
      ].join('\n'),
    );
  });

  it('gives one line of advice for what is wrong in both eras alike', () => {
    const wrong = no('nothing within 5 s', 'Switch buffering off');
    const lines = table(diagnosis(wrong, wrong), false).split('\n');
    expect(lines.at(-1)).toBe(
      '✗ events are pushed (2025-11-25, 2026-07-28): nothing within 5 s. Switch buffering off.',
    );
    expect(lines.filter((line) => line.startsWith('✗'))).toHaveLength(1);
  });

  it('paints only when it may', () => {
    const found = diagnosis(yes(), no('silent', 'Do something'));
    // eslint-disable-next-line no-control-regex
    const plain = (text: string) => text.replace(/\u001b\[\d+m/g, '');
    expect(table(found, true)).not.toBe(table(found, false));
    expect(plain(table(found, true)).replace(/ +$/gm, '')).toBe(table(found, false));
  });
});

describe('the doctor’s exit code', () => {
  it('is 0 when nothing is wrong, 1 when something is not heard, 3 when there is no MCP', () => {
    expect(exitCode(diagnosis(yes(), none()))).toBe(0);
    expect(exitCode(diagnosis(yes(), no('silent', 'Do something')))).toBe(1);
    const endpoint = [{ check: 'reachable' as const, title: 'reachable', finding: no('gone', 'Start it') }];
    expect(exitCode({ url: 'http://a/mcp', endpoint, hearing: [] })).toBe(3);
  });
});
