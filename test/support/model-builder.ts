import {
  type AccessPolicy,
  type AccessRule,
  type Backend,
  type Canary,
  defaults,
  type Edge,
  type EgressGateway,
  type ExternalService,
  type Gateway,
  type GatewayListener,
  type GrpcMatch,
  type GrpcRoute,
  type GrpcRule,
  type HttpMatch,
  type HttpRoute,
  type HttpRule,
  type Identity,
  type Mesh,
  type Model,
  type PodFacts,
  type Port,
  type Protocol,
  type Ref,
  type Service,
  type ServiceTelemetry,
  type SharedProxy,
  type TcpRoute,
  type TlsRoute,
  type TrafficPolicy,
  type Version,
  type Workload,
} from '../../lib/model';

/**
 * Whole models from the few words that a test is about. Everything stands in the namespace `shop` unless it says otherwise,
 * and what is not given is what a mesh without mistakes would have.
 */

const namespace = 'shop';

export function model(parts: Partial<Model> = {}): Model {
  return {
    mesh: mesh(),
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
    ...parts,
  };
}

export function mesh(over: Partial<Mesh> = {}): Mesh {
  return {
    name: 'mesh',
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
    ...over,
  };
}

/** A port that callers dial on 80 (HTTP) or on the application's own number. */
export function port(protocol: Protocol, targetPort = 8080, over: Partial<Port> = {}): Port {
  const http = protocol === 'http' || protocol === 'http2' || protocol === 'grpc';
  return { name: protocol, port: http ? 80 : targetPort, targetPort, protocol, ...over };
}

/** A service of one HTTP port: 80, which leads to 8080. */
export function service(name: string, over: Partial<Service> = {}): Service {
  return {
    namespace,
    name,
    serviceAccount: name,
    selector: { app: name },
    ports: [port('http')],
    versions: [],
    headless: false,
    ...over,
  };
}

export function version(name: string, over: Partial<Version> = {}): Version {
  return { name, selector: { version: name }, ...over };
}

export function workload(name: string, over: Partial<Workload> = {}): Workload {
  return { namespace, name, serviceAccount: name, selector: { app: name }, ...over };
}

/** A host that speaks HTTPS of the application's own. */
export function externalService(name: string, over: Partial<ExternalService> = {}): ExternalService {
  return {
    namespace,
    name,
    host: `${name}.example.com`,
    port: 443,
    protocol: 'tls',
    tls: { kind: 'passthrough' },
    ...over,
  };
}

/** A call of a service's first port, or of an external service. */
export function edge(from: Service | Workload, to: Service | ExternalService, over: Partial<Edge> = {}): Edge {
  const external = 'host' in to;
  return {
    from: identity(from),
    to: { kind: external ? 'externalService' : 'service', ...ref(to) },
    port: external ? to.port : (to.ports[0]?.port ?? 80),
    only: [],
    env: [],
    ...over,
  };
}

export function ref(object: Ref): Ref {
  return { namespace: object.namespace, name: object.name };
}

export function identity(runner: Service | Workload): Identity {
  return { namespace: runner.namespace, serviceAccount: runner.serviceAccount };
}

export function backend(to: Service, over: Partial<Backend> = {}): Backend {
  return { service: ref(to), port: to.ports[0]?.port ?? 80, weight: 100, ...over };
}

/** A route of calls to a service's first port. */
export function httpRoute(of: Service, rules: readonly HttpRule[], over: Partial<HttpRoute> = {}): HttpRoute {
  return { kind: 'http', ...routeBase(of), hostnames: [], rules, ...over };
}

export function grpcRoute(of: Service, rules: readonly GrpcRule[], over: Partial<GrpcRoute> = {}): GrpcRoute {
  return { kind: 'grpc', ...routeBase(of), hostnames: [], rules, ...over };
}

export function tlsRoute(of: Service, backends: readonly Backend[], over: Partial<TlsRoute> = {}): TlsRoute {
  return { kind: 'tls', ...routeBase(of), hostnames: [], backends, ...over };
}

export function tcpRoute(of: Service, backends: readonly Backend[], over: Partial<TcpRoute> = {}): TcpRoute {
  return { kind: 'tcp', ...routeBase(of), backends, ...over };
}

function routeBase(of: Service) {
  return { ...ref(of), parents: [{ kind: 'service', ...ref(of), port: of.ports[0]?.port ?? 80 } as const] };
}

/** A rule for every request, which forwards to where the call goes anyway. */
export function httpRule(over: Partial<HttpRule> = {}): HttpRule {
  return { matches: [], action: { kind: 'forward', backends: [] }, ...over };
}

export function grpcRule(over: Partial<GrpcRule> = {}): GrpcRule {
  return { matches: [], action: { kind: 'forward', backends: [] }, ...over };
}

export function httpMatch(over: Partial<HttpMatch> = {}): HttpMatch {
  return { headers: [], query: [], ...over };
}

export function grpcMatch(over: Partial<GrpcMatch> = {}): GrpcMatch {
  return { headers: [], ...over };
}

export function prefix(path: string, over: Partial<HttpMatch> = {}): HttpMatch {
  return httpMatch({ path: { kind: 'prefix', path }, ...over });
}

export function trafficPolicy(of: Service, over: Partial<TrafficPolicy> = {}): TrafficPolicy {
  return { namespace: of.namespace, name: of.name, service: of.name, ...over };
}

/** A policy that a person wrote. */
export function accessPolicy(of: Ref, over: Partial<AccessPolicy> = {}): AccessPolicy {
  return {
    namespace: of.namespace,
    name: `${of.name}-access`,
    service: of.name,
    origin: 'declared',
    rules: [],
    jwt: [],
    outsidePorts: [],
    ...over,
  };
}

/** A rule that allows everybody with an identity in the mesh. */
export function accessRule(over: Partial<AccessRule> = {}): AccessRule {
  return { action: 'allow', shadow: false, from: [], ports: [], requests: [], claims: [], ...over };
}

/** From `v1` to `v2` in three steps, judged by the share of successes. */
export function canary(of: Service, over: Partial<Canary> = {}): Canary {
  return {
    namespace: of.namespace,
    name: of.name,
    service: of.name,
    stable: 'v1',
    candidate: 'v2',
    strategy: { kind: 'weighted', steps: [5, 25, 50], interval: 120_000, sticky: false },
    gates: [{ kind: 'successRate', atLeast: 99.5, minimumRequests: 100 }],
    onFailure: { action: 'rollback', after: 2, scaleDown: false },
    giveUpAfter: 600_000,
    hooks: [],
    ...over,
  };
}

/** A gateway of one HTTP listener for any host. */
export function gateway(name: string, over: Partial<Gateway> = {}): Gateway {
  return {
    namespace,
    name,
    listeners: [listener()],
    service: { type: 'LoadBalancer', annotations: {} },
    replicas: 2,
    ...over,
  };
}

export function listener(over: Partial<GatewayListener> = {}): GatewayListener {
  return { name: 'http', port: 80, protocol: 'http', routesFrom: [], ...over };
}

/** A route from all listeners of a gateway to a service. */
export function gatewayRoute(of: Gateway, to: Service, over: Partial<HttpRoute> = {}): HttpRoute {
  return {
    kind: 'http',
    namespace: of.namespace,
    name: `${of.name}-${to.name}`,
    parents: [{ kind: 'gateway', ...ref(of) }],
    hostnames: [],
    rules: [httpRule({ action: { kind: 'forward', backends: [backend(to)] } })],
    ...over,
  };
}

export function egressGateway(name: string, over: Partial<EgressGateway> = {}): EgressGateway {
  return { namespace, name, replicas: 2, ...over };
}

export function sharedProxy(name: string, services: readonly Service[], over: Partial<SharedProxy> = {}): SharedProxy {
  return { namespace, name, services: services.map((one) => one.name), replicas: 2, ...over };
}

export function telemetry(of: Service, over: Partial<ServiceTelemetry> = {}): ServiceTelemetry {
  return { namespace: of.namespace, name: of.name, service: of.name, ...over };
}

/** The pods of a service as its own Deployment makes them. */
export function servicePods(of: Service, over: Partial<PodFacts> = {}): PodFacts {
  return {
    member: { kind: 'service', ...ref(of) },
    object: `Deployment ${of.namespace}/${of.name}`,
    ports: of.ports.map(({ targetPort }) => targetPort),
    env: [],
    hostNetwork: false,
    serviceAccount: of.serviceAccount,
    labels: of.selector,
    ...over,
  };
}

export function workloadPods(of: Workload, over: Partial<PodFacts> = {}): PodFacts {
  return {
    member: { kind: 'workload', ...ref(of) },
    object: `Job ${of.namespace}/${of.name}`,
    ports: [],
    env: [],
    hostNetwork: false,
    serviceAccount: of.serviceAccount,
    labels: of.selector,
    ...over,
  };
}
