import { ApiObject, type App } from 'cdk8s';
import { teamCharts } from './teams';

/**
 * So many objects as a person writes them without a mesh: for each service a Deployment, Service, service account and
 * network policy; then as many again of its settings, until the number is reached.
 */
export function declareByHand(app: App, services: number, objects: number): void {
  const chartOf = teamCharts(app, services);
  for (let made = 0; made < objects; made++) {
    const index = made % services;
    const round = Math.floor(made / services);
    const write = kinds[round] ?? settings;
    new ApiObject(chartOf(index), `object-${made}`, write(`service-${index}`, round) as never);
  }
}

type Write = (name: string, round: number) => object;

const settings: Write = (name, round) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `${name}-${round}`, labels: { app: name } },
  data: { LOG_LEVEL: 'info', REGION: 'eu-west-1', UPSTREAM: `http://${name}-${round}:8080`, TIMEOUT: '500ms' },
});

const kinds: readonly Write[] = [
  (name) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: name } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          serviceAccountName: name,
          containers: [
            {
              name: 'app',
              image: `bench/${name}:1.0`,
              ports: [{ name: 'http', containerPort: 8080 }],
              env: [{ name: 'LOG_LEVEL', value: 'info' }],
              readinessProbe: { httpGet: { path: '/healthz', port: 'http' } },
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
              securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  }),
  (name) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: { app: name } },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  }),
  (name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, labels: { app: name } } }),
  (name) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels: { app: name } },
    spec: {
      podSelector: { matchLabels: { app: name } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 8080, protocol: 'TCP' }] }],
    },
  }),
];
