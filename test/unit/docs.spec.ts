import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { AffinityOptions, MATCHING_API_VERSION, PriorityOptions, SkillsOptions } from '../../src/matching/index.js';

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const matching = file('docs/matching.md');

describe('docs/matching.md', () => {
  it('shows the files of the first strategy as they are', () => {
    const files = readdirSync(new URL('../../examples/first-strategy', import.meta.url));
    expect(files).toHaveLength(3);
    for (const name of files) expect(matching).toContain(`\`\`\`js\n${file(`examples/first-strategy/${name}`)}\`\`\``);
  });

  it('names every option of the built-in strategies, and the version of the interface', () => {
    const options = [PriorityOptions, AffinityOptions, SkillsOptions].flatMap((type) => Object.keys(new type()));
    expect(options.length).toBeGreaterThan(10);
    for (const name of options) expect(matching).toContain(`\`${name}\``);
    const [major, minor] = MATCHING_API_VERSION.split('.');
    expect(matching).toContain(`static readonly apiVersion = '${major}.${minor}'`);
  });
});
