import type { Manifest } from '../../../lib/kubernetes/manifest';
import { imageWorkload } from '../../../lib/kubernetes/running';
import {
  type AccessPolicy,
  canonical,
  defaults,
  type Edge,
  type ExternalService,
  type Identity,
  type Member,
  type Mesh,
  type Model,
  type Port,
  type Service,
  type Workload,
} from '../../../lib/model';

/** The small models that the suites of this folder start from. */

export function mesh(changes: Partial<Mesh> = {}): Mesh {
  return {
    name: 'shop',
    namespace: defaults.namespace,
    trustDomain: 'shop.example',
    clusterDomain: defaults.clusterDomain,
    certificates: defaults.certificates,
    mutualTls: 'strict',
    capture: defaults.capture,
    networkPolicies: 'open',
    defaults: defaults.traffic,
    telemetry: defaults.telemetry,
    controlPlane: defaults.controlPlane,
    proxy: defaults.proxy,
    ...changes,
  };
}

export function model(parts: Partial<Omit<Model, 'mesh'>> & { readonly mesh?: Partial<Mesh> } = {}): Model {
  const { mesh: changes, ...lists } = parts;
  return canonical({
    mesh: mesh(changes),
    services: [],
    workloads: [],
    externalServices: [],
    edges: [],
    routes: [],
    trafficPolicies: [],
    accessPolicies: [],
    canaries: [],
    gateways: [],
    egressGateways: [],
    sharedProxies: [],
    telemetries: [],
    ...lists,
  });
}

export function port(targetPort: number, protocol: Port['protocol'] = 'http', published = 80): Port {
  return { name: `${protocol}-${published}`, port: published, targetPort, protocol };
}

/** `storefront/web`, with pods labelled `app: web` and an account of its own. */
export function service(key: string, ports: readonly Port[], changes: Partial<Service> = {}): Service {
  const [namespace = '', name = ''] = key.split('/');
  const selector = { app: name };
  return { namespace, name, serviceAccount: name, selector, ports, versions: [], headless: false, ...changes };
}

export function workload(key: string, changes: Partial<Workload> = {}): Workload {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name, serviceAccount: name, selector: { app: name }, ...changes };
}

export function external(key: string, host: string, changes: Partial<ExternalService> = {}): ExternalService {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name, host, port: 443, protocol: 'tls', tls: { kind: 'passthrough' }, ...changes };
}

export function identity(key: string): Identity {
  const [namespace = '', serviceAccount = ''] = key.split('/');
  return { namespace, serviceAccount };
}

/** A call from `storefront/web` to `storefront/reviews`. */
export function edge(from: string, to: string, changes: Partial<Edge> = {}): Edge {
  const [namespace = '', name = ''] = to.split('/');
  return { from: identity(from), to: { kind: 'service', namespace, name }, port: 80, only: [], env: [], ...changes };
}

export function edgeOut(from: string, to: string, changes: Partial<Edge> = {}): Edge {
  const [namespace = '', name = ''] = to.split('/');
  return edge(from, to, { to: { kind: 'externalService', namespace, name }, port: 443, ...changes });
}

export function accessPolicy(key: string, changes: Partial<AccessPolicy> = {}): AccessPolicy {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name, service: name, origin: 'declared', rules: [], jwt: [], outsidePorts: [], ...changes };
}

/** A workload object as somebody writes it who has never heard of a mesh. */
export function deployment(key: string, changes: { readonly [field: string]: unknown } = {}): Manifest {
  const [namespace = '', name = ''] = key.split('/');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: `shop/${name}:1.0` }], ...changes },
      },
    },
  };
}

/** A mesh with something of every kind in it, and the workload objects of its pods. */
export function shop(changes: Partial<Mesh> = {}): { readonly model: Model; readonly pods: readonly Pods[] } {
  const services = [
    service('storefront/web', [port(3000)]),
    service('storefront/reviews', [port(8080)], {
      versions: ['v1', 'v2'].map((name) => ({ name, selector: { app: 'reviews', version: name } })),
    }),
    service('storefront/ratings', [port(9000, 'grpc', 9000), port(9001, 'udp', 9001)]),
    service('backoffice/database', [port(6379, 'tcp', 6379)], {
      headless: true,
      instances: { statefulSet: 'database', replicas: 2 },
    }),
    service('backoffice/orders', [port(8080)], { mutualTls: 'permissive' }),
    service('backoffice/limiter', [port(8081, 'grpc', 8081)]),
    service('legacy/billing', [port(8000)]),
    service('legacy/stock', [port(8000), port(8001, 'grpc', 81)]),
  ];
  const made = model({
    mesh: changes,
    services,
    workloads: [workload('backoffice/report')],
    externalServices: [
      external('backoffice/stripe', 'api.stripe.com'),
      external('backoffice/mail', 'smtp.mail.example', {
        port: 587,
        protocol: 'tcp',
        tls: { kind: 'none' },
        via: 'out',
      }),
      external('storefront/images', 'images.example', {
        protocol: 'http',
        tls: { kind: 'originate', trustedCa: 'images-ca' },
        addresses: ['192.0.2.7', '2001:db8::7'],
      }),
    ],
    edges: [
      edge('storefront/web', 'storefront/reviews', {
        timeout: 40_000,
        at: 18_080,
        env: [
          { name: 'REVIEWS_HOST', value: 'host' },
          { name: 'REVIEWS_URL', value: 'url' },
        ],
      }),
      edge('storefront/web', 'backoffice/orders'),
      edge('storefront/web', 'legacy/stock'),
      edgeOut('storefront/web', 'storefront/images', { env: [{ name: 'IMAGES', value: 'address' }] }),
      edge('storefront/reviews', 'storefront/ratings', { port: 9000 }),
      edge('backoffice/orders', 'backoffice/database', { port: 6379 }),
      edgeOut('backoffice/orders', 'backoffice/stripe'),
      edgeOut('backoffice/report', 'backoffice/mail', { port: 587 }),
      edge('backoffice/report', 'backoffice/database', { port: 6379 }),
    ],
    routes: [
      {
        kind: 'http',
        namespace: 'storefront',
        name: 'public',
        parents: [{ kind: 'gateway', namespace: 'storefront', name: 'public' }],
        hostnames: [],
        rules: [
          {
            matches: [],
            action: {
              kind: 'forward',
              backends: [{ service: { namespace: 'storefront', name: 'web' }, port: 80, weight: 100 }],
            },
            timeout: 60_000,
            rateLimit: {
              global: {
                service: { namespace: 'backoffice', name: 'limiter' },
                port: 8081,
                domain: 'shop',
                descriptors: [],
                onFailure: 'allow',
              },
            },
          },
        ],
      },
    ],
    accessPolicies: [
      accessPolicy('backoffice/orders', {
        rules: [
          {
            action: 'allow',
            shadow: false,
            from: [
              { kind: 'outside', namespace: 'ingress' },
              { kind: 'address', cidr: '203.0.113.0/24' },
            ],
            ports: [80],
            requests: [],
            claims: [],
          },
          {
            action: 'deny',
            shadow: false,
            from: [{ kind: 'outside', namespace: 'evil' }],
            ports: [],
            requests: [],
            claims: [],
          },
        ],
        jwt: [
          {
            issuer: 'https://login.example',
            audiences: [],
            keys: { kind: 'remote', uri: 'https://login.example/keys' },
            forward: [],
          },
        ],
        outsidePorts: [
          { port: 9464, protocol: 'tcp', from: [{ kind: 'namespace', namespace: 'monitoring' }] },
          { port: 6060, protocol: 'tcp', from: [] },
        ],
      }),
    ],
    canaries: [
      {
        namespace: 'storefront',
        name: 'reviews-v2',
        service: 'reviews',
        stable: 'v1',
        candidate: 'v2',
        strategy: { kind: 'weighted', steps: [5, 50], interval: 60_000, sticky: false },
        gates: [],
        onFailure: { action: 'rollback', after: 1, scaleDown: true },
        giveUpAfter: 600_000,
        hooks: [],
      },
    ],
    gateways: [
      {
        namespace: 'storefront',
        name: 'public',
        listeners: [
          { name: 'http', port: 80, protocol: 'http', routesFrom: [] },
          ...['shop.example', '*.shop.example'].map((host, index) => ({
            name: `https-${index}`,
            port: 443,
            protocol: 'https' as const,
            host,
            tls: {
              kind: 'certManager' as const,
              secret: 'public-tls',
              issuer: { name: 'letsencrypt', kind: 'ClusterIssuer' as const },
            },
            routesFrom: [],
          })),
          {
            name: 'partner',
            port: 8443,
            protocol: 'https',
            host: 'partner.example',
            tls: { kind: 'secret', name: 'partner-tls' },
            routesFrom: [],
          },
        ],
        service: { type: 'LoadBalancer', annotations: { 'example.com/scheme': 'public' } },
        replicas: 3,
        resources: { requests: { cpu: '1', memory: '128Mi' }, limits: { cpu: '2500m', memory: '512Mi' } },
      },
    ],
    egressGateways: [{ namespace: 'backoffice', name: 'out', replicas: 2 }],
    sharedProxies: [{ namespace: 'legacy', name: 'front', services: ['stock', 'billing'], replicas: 2 }],
  });
  return {
    model: made,
    pods: [
      ...made.services.flatMap(({ namespace, name, versions }): Pods[] =>
        versions.length === 0
          ? [{ member: { kind: 'service', namespace, name }, manifest: deployment(`${namespace}/${name}`) }]
          : versions.map(({ name: version, selector }) => ({
              member: { kind: 'service', namespace, name, version },
              manifest: imageWorkload({
                kind: 'Deployment',
                namespace,
                name: `${name}-${version}`,
                labels: selector,
                serviceAccountName: name,
                image: `shop/${name}:${version}`,
                ports: [port(8080)],
              }),
            })),
      ),
      {
        member: { kind: 'workload', namespace: 'backoffice', name: 'report' },
        manifest: imageWorkload({
          kind: 'CronJob',
          namespace: 'backoffice',
          name: 'report',
          labels: { app: 'report' },
          serviceAccountName: 'report',
          image: 'shop/report:1.0',
          ports: [],
          schedule: '0 3 * * *',
        }),
      },
    ],
  };
}

interface Pods {
  readonly member: Member;
  readonly manifest: Manifest;
}
