import { hrefOf, type Section } from './places.js';

export interface NavigationProps {
  readonly sections: readonly Section[];
  readonly current: Section;
  readonly openCases: number;
}

const NAMES: Readonly<Record<Section, string>> = {
  overview: 'Overview',
  pools: 'Pools',
  rooms: 'Rooms',
  people: 'People',
  cases: 'Cases',
  sanctions: 'Sanctions',
  instances: 'Instances',
  audit: 'Audit',
};

/** Where one can go. */
export const Navigation = ({ sections, current, openCases }: NavigationProps) => (
  <nav class="console-nav" aria-label="Sections">
    {sections.map((section) => (
      <a key={section} href={hrefOf(section)} aria-current={section === current ? 'page' : undefined}>
        {NAMES[section]}
        {section === 'cases' && openCases > 0 && (
          <span class="badge">
            {openCases}
            <span class="sr-only"> open</span>
          </span>
        )}
      </a>
    ))}
  </nav>
);
