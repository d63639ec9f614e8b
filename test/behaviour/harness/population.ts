import { type EnvoyProxy, type Locality, MeshProxy, Place, type StandingProxy } from '../../../lib/envoy';
import {
  type Identity,
  instancesOf,
  lookup,
  type Model,
  names,
  type Port,
  type Ref,
  type Service,
  upstreamsOf,
} from '../../../lib/model';

/** An instance of a service as a case asks for it. */
export interface InstanceOptions {
  /** Absent: `catalog-v2-0`, or `database-0` of a StatefulSet. */
  readonly name?: string;
  readonly version?: string;
  readonly locality?: Locality;
  /** False: it has not come into the mesh yet, and serves in plain text. */
  readonly sidecar?: boolean;
  readonly state?: 'ready' | 'draining';
}

/** By the name of a service, or `namespace/name` where the namespace is not `shop`. */
export type Instances = { readonly [service: string]: readonly InstanceOptions[] };

/** What runs in a pod: a proxy, an application, or both. */
export interface Pod {
  readonly pod: Ref;
  /** Absent: it is an application without a sidecar. */
  readonly proxy?: EnvoyProxy;
  readonly identity: Identity;
  /** Where its proxy listens and finds its application. */
  readonly places: readonly Place[];
  readonly locality?: Locality;
  readonly application?: Application;
}

export interface Application {
  readonly service: Service;
  readonly ports: readonly Port[];
  readonly instance: InstanceOptions & { readonly name: string };
}

/** Every pod of a mesh: one instance of each service (of each of its versions, of each replica of a StatefulSet) unless told otherwise. */
export function population(
  model: Model,
  instances: Instances,
  localities: { readonly [name: string]: Locality } = {},
): readonly Pod[] {
  return everyPod(model, instances).map((pod) => {
    const { proxy } = pod;
    const name = proxy?.kind === 'sidecar' ? proxy.member.name : proxy?.name;
    const locality = pod.locality ?? (name === undefined ? undefined : localities[name]);
    return { ...pod, ...(locality && { locality }) };
  });
}

function everyPod(model: Model, instances: Instances): readonly Pod[] {
  return [
    ...model.services.flatMap((service) =>
      serviceInstances(service, instances).map((one) => servicePod(model, service, one)),
    ),
    ...model.workloads.map((workload): Pod => {
      const { namespace, name, serviceAccount } = workload;
      const identity = { namespace, serviceAccount };
      return {
        pod: { namespace, name: `${name}-0` },
        proxy: { kind: 'sidecar', member: { kind: 'workload', namespace, name } },
        identity,
        places: [{ kind: 'readiness' }, ...upstreamPlaces(model, identity)],
      };
    }),
    ...model.gateways.map((gateway) =>
      standing(
        model,
        { kind: 'gateway', namespace: gateway.namespace, name: gateway.name },
        gateway.listeners.map(({ port }) => port),
      ),
    ),
    ...model.sharedProxies.map((shared) => {
      const services = model.services.filter(
        ({ namespace, name }) => namespace === shared.namespace && shared.services.includes(name),
      );
      return standing(
        model,
        { kind: 'shared-proxy', namespace: shared.namespace, name: shared.name },
        names.sharedPorts(services).map(({ at }) => at),
      );
    }),
    ...model.egressGateways.map(({ namespace, name }) =>
      standing(model, { kind: 'egress-gateway', namespace, name }, [names.ports.egress]),
    ),
  ];
}

export function serviceKey({ namespace, name }: Ref): string {
  return namespace === 'shop' ? name : `${namespace}/${name}`;
}

function serviceInstances(service: Service, instances: Instances): readonly Application['instance'][] {
  const asked = instances[serviceKey(service)];
  const ordinals = instancesOf(service);
  if (!asked && ordinals.length > 0) return ordinals.map((name) => ({ name }));
  const byVersion: readonly InstanceOptions[] =
    asked ?? (service.versions.length > 0 ? service.versions.map(({ name }) => ({ version: name })) : [{}]);
  const counts = new Map<string, number>();
  return byVersion.map((one) => {
    const stem = one.version === undefined ? service.name : `${service.name}-${one.version}`;
    const number = counts.get(stem) ?? 0;
    counts.set(stem, number + 1);
    return { name: `${stem}-${number}`, ...one };
  });
}

function servicePod(model: Model, service: Service, instance: Application['instance']): Pod {
  const { namespace, name, serviceAccount } = service;
  const identity = { namespace, serviceAccount };
  const shared = lookup(model).sharedProxy(service) !== undefined;
  const ports = service.ports.filter(({ protocol }) => protocol !== 'udp');
  const application = { service, ports, instance };
  const at = ports.map(({ targetPort }): Place => ({ kind: 'application', applicationPort: targetPort }));
  const pod = {
    pod: { namespace, name: instance.name },
    identity,
    application,
    ...(instance.locality && { locality: instance.locality }),
  };
  if (shared || instance.sidecar === false) return { ...pod, places: at };
  const { version } = instance;
  return {
    ...pod,
    proxy: {
      kind: 'sidecar',
      member: { kind: 'service', namespace, name, ...(version === undefined ? {} : { version }) },
    },
    places: [
      { kind: 'readiness' },
      ...at,
      ...ports.map(({ targetPort }): Place => ({ kind: 'inbound', applicationPort: targetPort })),
      ...upstreamPlaces(model, identity),
    ],
  };
}

function standing(model: Model, proxy: StandingProxy, listeners: readonly number[]): Pod {
  const identity = MeshProxy.identity(model, proxy);
  if (!identity) throw new Error(`${MeshProxy.key(proxy)} has no identity`);
  return {
    pod: { namespace: proxy.namespace, name: `${names.proxyObject(proxy.kind, proxy.name)}-0` },
    proxy,
    identity,
    places: [{ kind: 'readiness' }, ...[...new Set(listeners)].map((port): Place => ({ kind: 'listener', port }))],
  };
}

/** Where an application finds what it calls: each edge on a port of its own where it asks for one. */
function upstreamPlaces(model: Model, identity: Identity): readonly Place[] {
  const places = upstreamsOf(model, identity).flatMap(({ address, edges }) =>
    edges.map(({ port, at }): Place => ({ kind: 'upstream', address, port: at ?? port })),
  );
  return [...new Map(places.map((place) => [Place.key(place), place])).values()];
}
