import { type EnvoyProxy, Place, type StandingProxy } from '../../lib/envoy';
import {
  type Identity,
  instancesOf,
  type LocalProcess,
  lookup,
  type Model,
  names,
  Port,
  Ref,
  type Service,
  sharedServices,
  upstreamsOf,
} from '../../lib/model';

/** One instance of something of the mesh: what is a pod in a cluster is a proxy and a process here. */
export interface Pod extends Ref {
  /** Stays the same over edits of the program: `service storefront/web-0`. */
  readonly key: string;
  readonly of: PodOf;
  /** Absent: it has no proxy of its own, because it stands behind a shared one or outside the mesh. */
  readonly proxy?: EnvoyProxy;
  readonly identity?: Identity;
  /** Ports of the application over which the mesh calls it, ascending. */
  readonly applicationPorts: readonly ApplicationPort[];
  readonly process: PodProcess;
}

export type PodOf =
  | { readonly kind: 'service'; readonly service: Ref; readonly version?: string; readonly instance?: string }
  | { readonly kind: 'workload'; readonly workload: Ref }
  | { readonly kind: 'proxy'; readonly proxy: names.ProxyKind; readonly name: Ref }
  /** What stands in for a host outside. */
  | { readonly kind: 'standIn'; readonly externalService: Ref };

export interface ApplicationPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Exclude<Port['protocol'], 'udp'>;
}

export type PodProcess =
  | { readonly kind: 'command'; readonly run: LocalProcess }
  /** A small server of ours that answers in its place. */
  | { readonly kind: 'echo' }
  /** Nothing beside its proxy: a proxy that stands by itself, or a caller without a command. */
  | { readonly kind: 'none' };

/** All that runs on this machine for a mesh: one instance of each version of each service, and each proxy once. */
export function podsOf(model: Model): readonly Pod[] {
  return [
    ...model.services.flatMap((service) => servicePods(model, service)),
    ...model.workloads.map((workload): Pod => {
      const { namespace, name, serviceAccount, local } = workload;
      return {
        key: `workload ${namespace}/${name}-0`,
        namespace,
        name: `${name}-0`,
        of: { kind: 'workload', workload: { namespace, name } },
        proxy: { kind: 'sidecar', member: { kind: 'workload', namespace, name } },
        identity: { namespace, serviceAccount },
        applicationPorts: [],
        process: local ? { kind: 'command', run: local } : { kind: 'none' },
      };
    }),
    ...model.gateways.map((one) => proxyPod('gateway', one)),
    ...model.egressGateways.map((one) => proxyPod('egress-gateway', one)),
    ...model.sharedProxies.map((one) => proxyPod('shared-proxy', one)),
    ...model.externalServices.flatMap(({ namespace, name, port, protocol, local }): readonly Pod[] => {
      if (!local) return [];
      const of = { kind: 'standIn', externalService: { namespace, name } } as const;
      const applicationPorts = [{ name, port, protocol }];
      const key = `stand-in ${namespace}/${name}`;
      return [{ key, namespace, name, of, applicationPorts, process: { kind: 'command', run: local } }];
    }),
  ];
}

function servicePods(model: Model, service: Service): readonly Pod[] {
  const { namespace, name, serviceAccount } = service;
  const shared = lookup(model).sharedProxy(service) !== undefined;
  const pod = (podName: string, local: LocalProcess | undefined, of: { version?: string; instance?: string }): Pod => {
    const member = { kind: 'service', namespace, name, ...(of.version ? { version: of.version } : {}) } as const;
    return {
      key: `service ${namespace}/${podName}`,
      namespace,
      name: podName,
      of: { kind: 'service', service: { namespace, name }, ...of },
      ...(shared ? {} : { proxy: { kind: 'sidecar', member }, identity: { namespace, serviceAccount } }),
      applicationPorts: applicationPortsOf(service),
      process: local ? { kind: 'command', run: local } : { kind: 'echo' },
    };
  };
  if (service.versions.length > 0) {
    return service.versions.map((version) =>
      pod(`${name}-${version.name}-0`, version.local ?? service.local, { version: version.name }),
    );
  }
  const instances = instancesOf(service);
  if (instances.length === 0) return [pod(`${name}-0`, service.local, {})];
  return instances.map((instance) => pod(instance, service.local, { instance }));
}

/** Several ports of a service may lead to one of the application. */
function applicationPortsOf(service: Service): readonly ApplicationPort[] {
  const ports = new Map<number, ApplicationPort>();
  for (const { name, targetPort, protocol } of [...service.ports].sort(Port.compare)) {
    if (protocol !== 'udp' && !ports.has(targetPort)) ports.set(targetPort, { name, port: targetPort, protocol });
  }
  return [...ports.values()].sort((a, b) => a.port - b.port);
}

function proxyPod(kind: names.ProxyKind, { namespace, name }: Ref): Pod {
  const object = names.proxyObject(kind, name);
  return {
    key: `${kind} ${namespace}/${object}-0`,
    namespace,
    name: `${object}-0`,
    of: { kind: 'proxy', proxy: kind, name: { namespace, name } },
    proxy: { kind, namespace, name },
    identity: { namespace, serviceAccount: object },
    applicationPorts: [],
    process: { kind: 'none' },
  };
}

/** Where a pod's proxy listens, and its application: each needs a port of its own. */
export function placesOf(model: Model, pod: Pod): readonly Place[] {
  const application = pod.applicationPorts.map(({ port }): Place => ({ kind: 'application', applicationPort: port }));
  const { proxy, identity } = pod;
  if (!proxy || !identity) return application;
  const readiness: Place = { kind: 'readiness' };
  if (proxy.kind === 'sidecar') {
    const inbound = pod.applicationPorts.map(({ port }): Place => ({ kind: 'inbound', applicationPort: port }));
    return [...inbound, ...application, ...upstreamPlaces(model, identity), readiness];
  }
  return [...listenerPorts(model, proxy).map((port): Place => ({ kind: 'listener', port })), readiness];
}

function upstreamPlaces(model: Model, identity: Identity): readonly Place[] {
  const places = upstreamsOf(model, identity).flatMap(({ address, edges }) =>
    edges.map((edge): Place => ({ kind: 'upstream', address, port: edge.at ?? edge.port })),
  );
  return [...new Map(places.map((place) => [Place.key(place), place])).values()];
}

/** Ports of a proxy that stands by itself, as they are declared. */
export function listenerPorts(model: Model, proxy: StandingProxy): readonly number[] {
  switch (proxy.kind) {
    case 'gateway': {
      const gateway = model.gateways.find((one) => Ref.equal(one, proxy));
      return [...new Set((gateway?.listeners ?? []).map(({ port }) => port))].sort((a, b) => a - b);
    }
    case 'egress-gateway':
      return [names.ports.egress];
    case 'shared-proxy': {
      const shared = model.sharedProxies.find((one) => Ref.equal(one, proxy));
      const services = shared ? sharedServices(shared).flatMap((ref) => lookup(model).service(ref) ?? []) : [];
      return names.sharedPorts(services).map(({ at }) => at);
    }
  }
}
