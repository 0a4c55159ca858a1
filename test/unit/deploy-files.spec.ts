import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { Environment } from '../../src/config/environment.js';
import { loadConfig } from '../../src/config/index.js';

const file = (path: string) => readFileSync(path, 'utf8');
const yaml = <T>(path: string) => parse(file(path)) as T;
const variables = (text: string) => [...text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name!);

const KUBERNETES = 'deploy/kubernetes';
/** Every variable there is; NODE_ENV is Node's own. */
const known = new Set([...Object.keys(new Environment()), 'NODE_ENV']);
/** What `/metrics` tells, and what goes with a histogram. */
const metrics = new Set(
  readdirSync('src/metrics', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [...file(`src/metrics/${path}`).matchAll(/name: '(parley_\w+)'/g)].map(([, name]) => name)),
);
const metricsIn = (text: string) =>
  [...text.matchAll(/\bparley_[a-z_]+/g)].map(([name]) =>
    metrics.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''),
  );

describe('the files for Kubernetes', () => {
  const { resources } = yaml<{ resources: string[] }>(`${KUBERNETES}/kustomization.yaml`);
  interface Probe {
    readonly httpGet: { readonly path: string; readonly port: string };
  }
  interface Pod {
    readonly serviceAccountName: string;
    readonly containers: readonly [
      { readonly ports: readonly { readonly name: string }[]; readonly envFrom: readonly object[] },
    ];
  }
  interface Deployment {
    readonly spec: {
      readonly template: {
        readonly spec: {
          readonly terminationGracePeriodSeconds: number;
          readonly containers: readonly (Record<'startupProbe' | 'livenessProbe' | 'readinessProbe', Probe> & {
            readonly env: readonly { readonly name: string }[];
            readonly securityContext: object;
          })[];
        };
      };
    };
  }
  const { spec } = yaml<Deployment>(`${KUBERNETES}/deployment.yaml`).spec.template;
  const [container] = spec.containers;

  it('are all there, are valid YAML, and each is of the kustomization or an example', () => {
    const present = readdirSync(KUBERNETES).filter(
      (name) => /\.yaml$/.test(name) && !/^kustomization|example/.test(name),
    );
    expect(present.sort()).toEqual([...resources].sort());
    for (const name of present) {
      for (const document of parseAllDocuments(file(`${KUBERNETES}/${name}`))) {
        expect(document.errors).toEqual([]);
        expect(document.toJS()).toMatchObject({ apiVersion: expect.any(String), kind: expect.any(String) });
      }
    }
  });

  it('set only variables that there are', () => {
    const secret = yaml<{ stringData: object }>(`${KUBERNETES}/secret.example.yaml`).stringData;
    const set = [
      ...variables(file(`${KUBERNETES}/parley.env`)),
      ...Object.keys(secret),
      ...container!.env.map(({ name }) => name),
    ];
    expect(set.filter((name) => !known.has(name) && name !== 'POD_IP')).toEqual([]);
  });

  it('start the service: what they set, it takes', () => {
    const set = Object.fromEntries(
      file(`${KUBERNETES}/parley.env`)
        .split('\n')
        .filter((line) => /^[A-Z]/.test(line))
        .map((line) => line.split(/=(.*)/s) as [string, string]),
    );
    const { stringData } = yaml<{ stringData: Record<string, string> }>(`${KUBERNETES}/secret.example.yaml`);
    const secrets = Object.entries(stringData).map(([name, value]) => [
      name,
      value.startsWith('32 random bytes') ? 'x'.repeat(44) : value,
    ]);
    const env = { ...set, ...(Object.fromEntries(secrets) as Record<string, string>) };
    const config = loadConfig({ ...env, INSTANCE_URL: 'http://10.0.0.7:3000' });
    expect(config.auth.mode).toBe('jwt');
  });

  it('name only what is among them', () => {
    interface Resource {
      readonly kind: string;
      readonly metadata: { readonly name: string };
    }
    const named = <T>(name: string) => yaml<Resource & { spec: T }>(`${KUBERNETES}/${name}.yaml`);
    const there = resources.map((name) => yaml<Resource>(`${KUBERNETES}/${name}`));
    const names = there.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);

    const pod = named<{ template: { spec: Pod } }>('deployment').spec.template.spec;
    const scaled = named<{ scaleTargetRef: { kind: string; name: string } }>('autoscaler').spec.scaleTargetRef;
    const [port] = named<{ ports: { targetPort: string }[] }>('service').spec.ports;
    const { namespace, configMapGenerator } = yaml<{ namespace: string; configMapGenerator: { name: string }[] }>(
      `${KUBERNETES}/kustomization.yaml`,
    );
    const secret = named('secret.example');
    expect(names).toEqual(
      expect.arrayContaining([
        `Namespace ${namespace}`,
        `ServiceAccount ${pod.serviceAccountName}`,
        `${scaled.kind} ${scaled.name}`,
      ]),
    );
    expect(pod.containers[0].ports.map(({ name }) => name)).toContain(port!.targetPort);
    expect(pod.containers[0].envFrom).toEqual([
      { configMapRef: { name: configMapGenerator[0]!.name } },
      { secretRef: { name: secret.metadata.name } },
    ]);
  });

  it('probe what the service answers, and leave it the time it takes to stop', () => {
    const { startupProbe, livenessProbe, readinessProbe } = container!;
    expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path)).toEqual([
      '/health/live',
      '/health/live',
      '/health/ready',
    ]);
    const shutdown = Number(/^SHUTDOWN_SECONDS=(\d+)$/m.exec(file(`${KUBERNETES}/parley.env`))![1]);
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(shutdown);
    expect(container!.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
  });
});

describe('the alert rules and the dashboard', () => {
  interface Rules {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly alert: string;
        readonly expr: string;
        readonly annotations: { runbook: string };
      }[];
    }[];
  }
  const rules = yaml<Rules>('deploy/prometheus/alerts.yaml').groups.flatMap((group) => group.rules);
  const dashboard = JSON.parse(file('deploy/grafana/parley.json')) as {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  };

  it('ask only for metrics that there are', () => {
    const asked = [
      ...rules.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.flatMap(metricsIn).filter((name) => !metrics.has(name))).toEqual([]);
  });

  it.each(rules.map(({ alert, annotations }) => ({ alert, runbook: annotations.runbook })))(
    '$alert leads to what to do about it',
    ({ alert, runbook }) => {
      const [path, anchor] = runbook.split('#');
      const sections = file(path!).split(/^## /m);
      const section = sections.find((text) => text.split('\n')[0]!.toLowerCase().replaceAll(' ', '-') === anchor);
      expect(section).toContain(`\`${alert}\``);
    },
  );
});

it('the unit for systemd leaves the service the time it takes to stop', () => {
  const unit = file('deploy/systemd/parley.service');
  const stop = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1]);
  expect(stop).toBeGreaterThan(new Environment().SHUTDOWN_SECONDS);
  expect(unit).toMatch(/^ExecStart=.* dist\/main\.js$/m);
});

it('instances on one machine are started as one is, each told where it listens and where the others find it', () => {
  const [command] = /^\/\S+ dist\/main\.js$/.exec(
    /^ExecStart=(.+)$/m.exec(file('deploy/systemd/parley.service'))![1]!,
  )!;
  const settings = 'PORT=%i INSTANCE_URL=http://127.0.0.1:%i';
  const commands = [...file('deploy/systemd/instance.conf').matchAll(/^ExecStart=(.*)$/gm)].map(([, line]) => line);
  expect(commands).toEqual(['', `/usr/bin/env ${settings} ${command}`]);
});
