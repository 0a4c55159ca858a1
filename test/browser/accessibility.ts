import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Person } from './person.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What of weight an accessibility scan finds in what is shown, when nothing moves any more. */
export async function findings({ page }: Person): Promise<readonly string[]> {
  await page.evaluate(AXE);
  await page.evaluate(
    'Promise.all(document.getAnimations().map((one) => one.effect.getTiming().iterations === Infinity || one.finished))',
  );
  const { violations } = await page.evaluate<{ violations: Finding[] }>('axe.run()');
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return grave.map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
