import {
  type CertificateIssuer,
  type Gateway,
  lookup,
  type Model,
  names,
  order,
  type Ref,
  type Resources,
  sharedServices,
} from '../../model';
import type { Manifest } from '../manifest';
import { lowPorts } from './inject';
import { systemLabels } from './labels';
import { drainTimes } from './longest-request';
import type { ContainerPort, PodSpec } from './pod-template';
import { proxyContainer, proxyVolumes, standaloneBootstrap } from './proxy-container';
import { restrictedPod } from './restricted';
import { spread } from './workload';

export interface ProxyOptions {
  /** Of the bootstrap ConfigMaps. */
  readonly bootstrapHash: string;
}

/** Proxies that stand by themselves: gateways, egress gateways and shared proxies, each with an identity of its own. */
export function proxyObjects(model: Model, options: ProxyOptions): readonly Manifest[] {
  return [
    ...model.gateways.flatMap((gateway) => gatewayObjects(model, gateway, options)),
    ...model.egressGateways.flatMap((gateway) => {
      const ports = [{ name: egressPort, containerPort: names.ports.egress, protocol: 'TCP' }];
      const drain = drainTimes(model).of({
        namespace: gateway.namespace,
        serviceAccount: names.proxyObject('egress-gateway', gateway.name),
      });
      const proxy: Proxy = { kind: 'egress-gateway', ...gateway, ports, drain };
      // Sidecars connect to its pods; the Service is there for their endpoints to be known.
      return [...objectsOf(model, proxy, options), serviceOf(model, proxy, { type: 'ClusterIP', annotations: {} })];
    }),
    ...model.sharedProxies.flatMap((shared) => {
      const services = sharedServices(shared).flatMap((ref) => lookup(model).service(ref) ?? []);
      const ports = names.sharedPorts(services).map(({ name, at }) => ({ name, containerPort: at, protocol: 'TCP' }));
      const drains = services.map((service) => drainTimes(model).of(service, service));
      // The Services that callers use select it themselves.
      return objectsOf(model, { kind: 'shared-proxy', ...shared, ports, drain: Math.max(...drains, 0) }, options);
    }),
  ];
}

const egressPort = 'mesh-egress';

interface Proxy extends Ref {
  readonly kind: names.ProxyKind;
  readonly replicas: number;
  readonly resources?: Resources;
  readonly ports: readonly (ContainerPort & { readonly name: string })[];
  /** Seconds that requests are given to end. */
  readonly drain: number;
}

function gatewayObjects(model: Model, gateway: Gateway, options: ProxyOptions): readonly Manifest[] {
  const numbers = [...new Set(gateway.listeners.map(({ port }) => port))].sort((a, b) => a - b);
  const ports = numbers.map((port) => ({ name: `port-${port}`, containerPort: port, protocol: 'TCP' }));
  const drain = drainTimes(model).ofGateway(gateway);
  const proxy: Proxy = { kind: 'gateway', ...gateway, ports, drain };
  return [
    ...objectsOf(model, proxy, options),
    serviceOf(model, proxy, gateway.service),
    ...certificates(model, gateway),
  ];
}

function objectsOf(model: Model, proxy: Proxy, options: ProxyOptions): readonly Manifest[] {
  const metadata = metadataOf(model, proxy);
  const selector = names.proxySelector(proxy.kind, proxy.name);
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: proxy.replicas,
        selector: { matchLabels: selector },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: {
          metadata: { labels: metadata.labels, annotations: { [names.keys.bootstrap]: options.bootstrapHash } },
          spec: podSpec(model, proxy),
        },
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: selector },
      },
    },
  ];
}

function metadataOf(model: Model, { kind, namespace, name }: Proxy) {
  return {
    name: names.proxyObject(kind, name),
    namespace,
    labels: { ...systemLabels(model, 'proxy'), ...names.proxySelector(kind, name) },
  };
}

function podSpec(model: Model, proxy: Proxy): PodSpec {
  const { kind, namespace, name, ports, drain } = proxy;
  const resources = proxy.resources ?? model.mesh.proxy.resources;
  const object = names.proxyObject(kind, name);
  const container = proxyContainer({
    image: model.mesh.proxy.image,
    resources,
    concurrency: workers(resources),
    cluster: `${namespace}/${object}`,
    drain,
    ports,
    bootstrap: standaloneBootstrap,
  });
  const low = ports.some(({ containerPort }) => containerPort < 1024);
  return {
    serviceAccountName: object,
    automountServiceAccountToken: false,
    // It listens on the very ports of its listeners, as an ordinary user.
    securityContext: { ...restrictedPod, ...(low ? { sysctls: [lowPorts] } : {}) },
    // Envoy ends at once when it is told to. The pause before gives endpoints and load balancers time to leave it out, and
    // requests time to end; five seconds more are for Envoy itself.
    terminationGracePeriodSeconds: drain + 5,
    topologySpreadConstraints: spread(names.proxySelector(kind, name)),
    containers: [{ ...container, lifecycle: { preStop: { exec: { command: ['sleep', String(drain)] } } } }],
    volumes: proxyVolumes(),
  };
}

/** One worker for each whole CPU that it may use; two where its CPU is not limited. */
function workers({ limits }: Resources): number {
  const cpu = limits?.cpu;
  if (cpu === undefined) return 2;
  const cores = cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1_000 : Number(cpu);
  return Number.isFinite(cores) ? Math.max(1, Math.ceil(cores)) : 2;
}

function serviceOf(model: Model, proxy: Proxy, { type, annotations }: Gateway['service']): Manifest {
  const metadata = metadataOf(model, proxy);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: {
      type,
      // Keeps the address of who calls, of which rules and logs speak. Load balancers ask each node whether it has a pod;
      // who calls a node port by himself does not, and would meet nobody on half of them.
      ...(type === 'LoadBalancer' ? { externalTrafficPolicy: 'Local' } : {}),
      selector: names.proxySelector(proxy.kind, proxy.name),
      ports: proxy.ports.map(({ name, containerPort }) => ({
        name,
        port: containerPort,
        protocol: 'TCP',
        targetPort: name,
      })),
    },
  };
}

/** One for each Secret that cert-manager is to keep, for all hosts of the listeners that share it. */
function certificates(model: Model, { namespace, name, listeners }: Gateway): readonly Manifest[] {
  const bySecret = new Map<string, { readonly issuer: CertificateIssuer; readonly hosts: Set<string> }>();
  for (const { tls, host } of listeners) {
    if (tls?.kind !== 'certManager' || host === undefined) continue;
    const entry = bySecret.get(tls.secret) ?? { issuer: tls.issuer, hosts: new Set() };
    entry.hosts.add(host);
    bySecret.set(tls.secret, entry);
  }
  return [...bySecret]
    .sort(([a], [b]) => order(a, b))
    .map(([secret, { issuer, hosts }]) => ({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: {
        name: secret,
        namespace,
        labels: { ...systemLabels(model, 'proxy'), ...names.proxySelector('gateway', name) },
      },
      spec: {
        secretName: secret,
        dnsNames: [...hosts].sort(order),
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        usages: ['digital signature', 'server auth'],
        issuerRef: { name: issuer.name, kind: issuer.kind, group: issuer.group ?? 'cert-manager.io' },
      },
    }));
}
