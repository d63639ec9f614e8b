import { hash, hash32 } from './hash';
import type { Model } from './model';
import { type Identity, order, Ref } from './ref';
import type { GrpcRoute, HttpRoute } from './route';
import type { Service } from './service';

/**
 * Every name that leaves this library: of Kubernetes objects, labels, ports, Envoy resources and SPIFFE IDs. They are made
 * here, above all renderers, because a dashboard must ask for the very name that Envoy reports.
 */

/** Group and version of the mesh's own kinds. */
export const apiGroup = 'meshwright.dev';
export const apiVersion = `${apiGroup}/v1alpha1`;

/** Labels and annotations of the objects that are written. */
export const keys = {
  /** Label: which mesh an object belongs to. */
  mesh: `${apiGroup}/mesh`,
  /** Label on pods: the service or workload they are of. */
  service: `${apiGroup}/service`,
  /** Label on pods and version Services: the version. */
  version: `${apiGroup}/version`,
  /** Label on version Services: the root Service. */
  versionOf: `${apiGroup}/version-of`,
  /** Label on pods of gateways, egress gateways and shared proxies: which kind of proxy runs there. */
  proxy: `${apiGroup}/proxy`,
  /** Annotation on Services: the service account of its pods. */
  serviceAccount: `${apiGroup}/service-account`,
  /** Annotation on Services: its StatefulSet and replicas, `database/3`. */
  instances: `${apiGroup}/instances`,
  /** Annotation on Services and ServiceAccounts: how traffic is captured, as JSON. */
  capture: `${apiGroup}/capture`,
  /** Annotation on Services: `strict` or `permissive`. */
  mutualTls: `${apiGroup}/mutual-tls`,
  /** Annotation on Services and ServiceAccounts: how it runs on a developer's machine, as JSON. */
  local: `${apiGroup}/run-locally`,
  /** Annotation on Services: what its ports lead to in the application, `80:8080,90:9090`. */
  applicationPorts: `${apiGroup}/application-ports`,
  /** Annotation on ServiceAccounts: the workload that calls with it and is not called. */
  workload: `${apiGroup}/workload`,
  /** Annotation on ServiceAccounts: labels of that workload's pods, `app=a,tier=b`. */
  workloadSelector: `${apiGroup}/workload-selector`,
  /** Annotation on TCPRoutes: `tls` where TLS is led on whatever its server name is; a TLSRoute must name one. */
  routeProtocol: `${apiGroup}/route-protocol`,
  /** Annotation on pods: the application ports that the sidecar serves and where, `8080:15100`. */
  inboundPorts: `${apiGroup}/inbound-ports`,
  /** Annotation on pods: a change of it starts pods anew. */
  bootstrap: `${apiGroup}/bootstrap`,
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
} as const;

/** Ports of a proxy. Those from 15000 to 15199 belong to the mesh: an application must not listen there. */
export const ports = {
  reserved: { first: 15_000, last: 15_199 },
  /** Transparent capture: where outbound connections are redirected to. */
  outboundCapture: 15_001,
  /** Transparent capture: where inbound connections are redirected to. */
  inboundCapture: 15_006,
  /** Control plane: xDS over TLS. */
  xds: 15_010,
  /** Control plane: health, readiness and metrics. */
  controlPlaneAdmin: 15_014,
  /** Readiness of a proxy; a listener that only xDS delivers. */
  readiness: 15_021,
  /** Metrics of a proxy. */
  metrics: 15_090,
  /** First inbound port; each application port has one, in ascending order. */
  firstInbound: 15_100,
  /** An egress gateway: all external services that it serves, told apart by the server name of the mesh's own TLS. */
  egress: 15_100,
} as const;

/** Names of a proxy's own ports in pods, as monitoring asks for them. */
export const portNames = {
  readiness: 'mesh-ready',
  metrics: 'mesh-metrics',
} as const;

/** Where a proxy's container finds its files; its bootstrap configuration names them. */
export const paths = {
  /** Keys of the bootstrap ConfigMap ({@link objects.bootstrap}) as files. */
  configuration: '/etc/meshwright',
  /** Root certificates of the mesh. */
  trust: '/etc/meshwright/ca.crt',
  /** Service account token for the control plane; replaced while the proxy runs, by a swap in its folder. */
  token: '/etc/meshwright/token',
  /** The proxy's own, in memory: its sockets. */
  run: '/run/meshwright',
  /** HTTP path of a proxy's metrics. */
  metrics: '/stats/prometheus',
  /** HTTP path of a proxy's readiness. */
  readiness: '/ready',
} as const;

/** Labels that monitoring gives each series of a proxy; dashboards and rules ask by them. */
export const metricLabels = {
  namespace: 'namespace',
  pod: 'pod',
  /** The service or workload of the pod; of a proxy that stands by itself its {@link proxyObject}. */
  service: 'mesh_service',
  version: 'mesh_version',
} as const;

/**
 * Label that tells the statuses of gRPC calls apart. Envoy makes a statistic of its own for each (`cluster.<name>.grpc.14`), and
 * PromQL cannot take the rate of several metrics in one selector: a tag of the bootstrap cuts the number out of the name.
 */
export const grpcStatus = { label: 'grpc_status', statistic: '^cluster\\.[^.]+\\.grpc(\\.([0-9]+))$' } as const;

/** Objects of fixed names. */
export const objects = {
  controlPlane: 'meshwright',
  /** ConfigMap in every namespace of the mesh with the root certificate; written by the control plane. */
  trust: 'meshwright-trust',
  /** ConfigMap in every namespace of the mesh with the proxies' bootstrap configuration. */
  bootstrap: 'meshwright-bootstrap',
  /** Secret of the control plane's namespace that holds the root of trust. */
  root: 'meshwright-root',
  /** Lease by which replicas of the control plane choose their leader. */
  lease: 'meshwright',
  gatewayClass: 'meshwright',
  egressGatewayClass: 'meshwright-egress',
  sharedProxyClass: 'meshwright-shared',
  /** Container of the proxy in a pod. */
  sidecar: 'meshwright-proxy',
  /** Init container of transparent capture. */
  captureInit: 'meshwright-capture',
  /** Audience of the token that a proxy shows to the control plane. */
  audience: 'meshwright',
} as const;

/** Of the service account that carries the identity. */
export function spiffeId(trustDomain: string, identity: Identity): string {
  return `spiffe://${trustDomain}/ns/${identity.namespace}/sa/${identity.serviceAccount}`;
}

/** The names by which a client of a namespace calls a service, shortest first. */
export function hostnames(service: Ref, clientNamespace: string, clusterDomain: string): readonly string[] {
  const { name, namespace } = service;
  const qualified = [`${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.${clusterDomain}`];
  return clientNamespace === namespace ? [name, ...qualified] : qualified;
}

/** The one fully qualified name of a service. */
export function qualifiedHost(service: Ref, clusterDomain: string): string {
  return `${service.name}.${service.namespace}.svc.${clusterDomain}`;
}

/** Kubernetes Service of a version: `reviews-v1`. */
export function versionService(service: Ref, version: string): string {
  return `${service.name}-${version}`;
}

/** Name of the sidecar's inbound port in pods and Services: by application port, so that it is the same for every Service. */
export function inboundPortName(applicationPort: number): string {
  return `mesh-${applicationPort}`;
}

/**
 * Where the sidecar of a pod serves each application port. Pods announce it ({@link keys.inboundPorts}) and Services refer
 * to it by name, so that pods of different numbering can stand behind one Service.
 */
export function inboundPorts(applicationPorts: readonly number[]): ReadonlyMap<number, number> {
  const ascending = [...new Set(applicationPorts)].sort((a, b) => a - b);
  return new Map(ascending.map((port, index) => [port, ports.firstInbound + index]));
}

/**
 * Loopback addresses on which the sidecar of one client stands in for its upstreams: in 127.64.0.0/10 by a hash of the
 * upstream's name, the next free one where two collide. Only the client's own upstreams take part, so a service that is
 * new elsewhere moves nothing here.
 */
export function upstreamAddresses(upstreams: readonly Ref[]): ReadonlyMap<string, string> {
  const taken = new Set<number>();
  const addresses = new Map<string, string>();
  for (const key of [...new Set(upstreams.map(Ref.key))].sort(order)) {
    let offset = hash32(key) % loopbackSize;
    while (taken.has(offset) || isEdgeOfRange(offset)) offset = (offset + 1) % loopbackSize;
    taken.add(offset);
    addresses.set(key, address(offset));
  }
  return addresses;
}

const loopbackSize = 2 ** 22;

/** `.0` and `.255` are legal on loopback, but tools take them for a network and a broadcast address. */
function isEdgeOfRange(offset: number): boolean {
  return offset % 256 === 0 || offset % 256 === 255;
}

function address(offset: number): string {
  return `127.${64 + (offset >>> 16)}.${(offset >>> 8) & 255}.${offset & 255}`;
}

/**
 * Name of an Envoy cluster, and so the `envoy_cluster_name` label of its statistics: one for each service, version and
 * port, never for a route. Fields keep their place, empty or not: `outbound|<port>|<version>|<namespace>|<name>`. No dots:
 * Envoy cuts the name of a cluster out of a statistic's name up to the next dot.
 */
export function outboundCluster(service: Ref, port: number, version?: string): string {
  return `outbound|${port}|${version ?? ''}|${service.namespace}|${service.name}`;
}

/**
 * Of one pod of a StatefulSet that is called by its name. It stands where a version would; no version is called so, because
 * an `@` is not a letter of a name.
 */
export function instanceCluster(service: Ref, port: number, instance: string): string {
  return outboundCluster(service, port, `@${instance}`);
}

/** Of an external service, which may be called as a service of its namespace is. */
export function externalCluster(external: Ref, port: number): string {
  return outboundCluster(external, port, '@external');
}

/** Envoy cluster of the application behind a sidecar, and `stat_prefix` of the listener before it: `inbound|<application port>`. */
export function inboundCluster(applicationPort: number): string {
  return `inbound|${applicationPort}`;
}

/** Listener, and routes, of a port on which captured connections to hosts outside are told apart by the names of the hosts. */
export function capturedPort(port: number): string {
  return `outbound|${port}|@hosts||`;
}

/** Server name of the mesh's own TLS by which an egress gateway tells its external services apart: `stripe.storefront.external`. */
export function egressServerName(external: Ref): string {
  return `${external.name}.${external.namespace}.external`;
}

/** Listener of a gateway. */
export function gatewayListener(port: number): string {
  return `gateway|${port}`;
}

/** Routes of one listener of a gateway, as Gateway API has listeners: several can share a port. */
export function gatewayRoutes(port: number, listener: string): string {
  return `gateway|${port}|${listener}`;
}

/** Listener of a shared proxy for a port of one of its services, its routes and its statistics. */
export function sharedListener(service: Ref, port: number): string {
  return `shared|${service.namespace}|${service.name}|${port}`;
}

/** What an egress gateway serves of one external service: routes, access rules and statistics. */
export function egressService(external: Ref, port: number): string {
  return `egress|${external.namespace}|${external.name}|${port}`;
}

/** Headers by which proxies of the mesh speak to each other. Applications neither send nor see them. */
export const headers = {
  /** Which rule a caller's proxy has applied ({@link ruleIds}): the callee's proxy enforces what of it is the callee's. */
  rule: 'x-meshwright-rule',
  /** To a caller that was refused: which policy did it, in Envoy's words. */
  decision: 'x-meshwright-decision',
  /** Of a response: why the callee's proxy has none of the application, in Envoy's words. The caller's proxy decides by it what is tried again. */
  failure: 'x-meshwright-failure',
} as const;

/**
 * One for each rule of a route, in their order: `storefront/reviews/1f0c3a52`. It is made of what makes the rule apply, so that
 * rules that come and go beside it do not rename it, and both ends of a call mean the same rule while one of them is told of a change.
 */
export function ruleIds(route: HttpRoute | GrpcRoute): readonly string[] {
  const alike = new Map<string, number>();
  return route.rules.map(({ matches, from }) => {
    const applies = hash(`${route.kind} ${sortedJson({ matches, from })}`).slice(0, 8);
    const number = alike.get(applies) ?? 0;
    alike.set(applies, number + 1);
    return `${Ref.key(route)}/${applies}${number === 0 ? '' : `-${number}`}`;
  });
}

/** JSON that does not depend on the order in which fields were given. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => order(a, b)))
      : part,
  );
}

/** Envoy cluster of a host outside from which keys of an issuer of tokens are fetched; nobody asks for its statistics. */
export function keysCluster(host: string, port: number): string {
  return `keys_${host.replaceAll('.', '_')}_${port}`;
}

/** Envoy cluster of a collector of traces or log records; without a `|`, because nobody asks for its statistics. */
export function collectorCluster(host: string, port: number): string {
  return `collector_${host.replaceAll('.', '_')}_${port}`;
}

/** Deployment, Service and service account of a proxy that stands by itself, and the labels of its pods. */
export function proxyObject(kind: ProxyKind, name: string): string {
  return `${name}-${kind === 'gateway' ? 'gateway' : kind === 'egress-gateway' ? 'egress' : 'shared'}`;
}

export type ProxyKind = 'gateway' | 'egress-gateway' | 'shared-proxy';

/** Labels by which the pods of such a proxy are selected. */
export function proxySelector(kind: ProxyKind, name: string): { readonly [key: string]: string } {
  return { [keys.name]: proxyObject(kind, name), [keys.proxy]: kind };
}

/** Where a shared proxy serves a port of one of its services, and the name of that port in its pods. */
export interface SharedPort {
  readonly service: Ref;
  readonly port: number;
  readonly name: string;
  readonly at: number;
}

/**
 * Ports of a shared proxy: each port of each of its services has one of its own. Services refer to them by name, because
 * the numbers move when a service is added.
 */
export function sharedPorts(services: readonly Service[]): readonly SharedPort[] {
  return [...services]
    .sort(Ref.compare)
    .flatMap(({ namespace, name, ports: served }) =>
      served
        .filter(({ protocol }) => protocol !== 'udp')
        .map(({ port }) => port)
        .sort((a, b) => a - b)
        .map((port) => ({
          service: { namespace, name },
          port,
          name: `mesh-${hash(`${namespace}/${name}:${port}`).slice(0, 8)}`,
        })),
    )
    .map((shared, index) => ({ ...shared, at: ports.firstInbound + index }));
}

/** NetworkPolicy of the pods of a service, a workload or a proxy that stands by itself. */
export function networkPolicy(pods: 'service' | 'workload' | 'proxy', name: string): string {
  return objectName(pods === 'workload' ? `${name}-workload-mesh` : `${name}-mesh`);
}

/** Headless Service that holds the instances of a service behind a shared proxy. */
export function instancesService(service: Ref): string {
  return `${service.name}-instances`;
}

/** Kubernetes object of an edge. */
export function edgeObject(from: Identity, to: Ref, port: number): string {
  const target = from.namespace === to.namespace ? to.name : `${to.name}.${to.namespace}`;
  return objectName(`${from.serviceAccount}-to-${target}-${port}`);
}

/**
 * RouteFilter of one rule of a route, named by what makes the rule apply: rules that come and go beside it do not rename
 * it. Rules that apply alike are told apart by their number among those.
 */
export function routeFilter(
  route: { readonly kind: string; readonly name: string },
  applies: string,
  number = 0,
): string {
  const suffix = hash(`${route.kind} ${applies}`).slice(0, 8);
  return objectName(`${route.name}-${suffix}${number === 0 ? '' : `-${number}`}`);
}

/** ReferenceGrant in the namespace of a service that lets routes of another namespace lead to it. */
export function referenceGrant(service: string, from: string): string {
  return objectName(`${service}-for-${from}`);
}

/**
 * A legal name of at most 63 characters (a DNS label, dots made dashes). What is too long is cut from the left, because the
 * last parts carry the meaning, and marked with a hash of the whole.
 */
export function objectName(text: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (label.length <= 63 && label === text) return label;
  const suffix = hash(text).slice(0, 8);
  return `${label.slice(-54).replace(/^-+/, '')}-${suffix}`;
}

/** Every namespace in which the mesh has something, sorted; the control plane's own is not among them unless it has too. */
export function meshNamespaces(model: Model): readonly string[] {
  const named: readonly { readonly namespace: string }[] = [
    ...model.services,
    ...model.workloads,
    ...model.externalServices,
    ...model.gateways,
    ...model.egressGateways,
    ...model.sharedProxies,
  ];
  return [...new Set(named.map((object) => object.namespace))].sort(order);
}
