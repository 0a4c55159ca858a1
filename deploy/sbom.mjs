/**
 * Prints what runs in production as a CycloneDX document: npm's own of all packages, without those that the lockfile has for
 * development only. (`npm sbom --omit dev` also leaves out what both need, Fastify for one.)
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const DEVELOPMENT = 'cdx:npm:package:development';

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const runs = new Set(
  Object.entries(packages)
    .filter(([, { dev }]) => !dev)
    .map(([path, { name, version }]) => `${name ?? path.split('node_modules/').at(-1)}@${version}`),
);
const command = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
const all = JSON.parse(execFileSync('npm', command, { encoding: 'utf8', maxBuffer: Infinity }));
const components = all.components
  .filter((component) => runs.has(component['bom-ref']))
  .map(({ properties, ...rest }) => ({ ...rest, properties: properties.filter(({ name }) => name !== DEVELOPMENT) }));
const dependencies = all.dependencies
  .filter(({ ref }) => runs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => runs.has(other)) }));
console.log(JSON.stringify({ ...all, components, dependencies }, null, 2));
