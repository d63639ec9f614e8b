import { type Gateway, type Mesh, names, Ref, type Service } from '../../../model';
import type { Manifest } from '../../manifest';
import { gatewayGroup } from '../object';
import type { Observed } from '../observed';
import type { RouteFilter } from './route-filter';

/** What a Service is to routes: a service of the mesh, or one of its versions. */
export interface Destination {
  readonly service: Ref;
  readonly version?: string;
}

/** What the routes of a cluster refer to. */
export interface RouteContext {
  readonly mesh: Mesh;
  readonly service: (ref: Ref) => Service | undefined;
  readonly gateway: (ref: Ref) => Gateway | undefined;
  /** Which service, and which version of it, a Kubernetes Service stands for. */
  readonly destination: (service: Ref) => Destination | undefined;
  /** A RouteFilter; `unreadable` if it is there and makes no sense. */
  readonly filter: (ref: Ref) => RouteFilter | 'unreadable' | undefined;
  /** Whether routes of a kind and a namespace may refer to a Service of another one. */
  readonly granted: (kind: string, from: string, service: Ref) => boolean;
}

export function routeContext(
  observed: Observed,
  {
    mesh,
    services,
    gateways,
    filters,
  }: {
    readonly mesh: Mesh;
    readonly services: readonly Service[];
    readonly gateways: readonly Gateway[];
    readonly filters: ReadonlyMap<string, RouteFilter>;
  },
): RouteContext {
  const servicesByKey = new Map(services.map((service) => [Ref.key(service), service]));
  const gatewaysByKey = new Map(gateways.map((gateway) => [Ref.key(gateway), gateway]));
  const destinations = new Map(services.flatMap(destinationsOf));
  const declared = new Set(
    observed.own('RouteFilter').map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`),
  );
  return {
    mesh,
    service: (ref) => servicesByKey.get(Ref.key(ref)),
    gateway: (ref) => gatewaysByKey.get(Ref.key(ref)),
    destination: (ref) => destinations.get(Ref.key(ref)),
    filter: (ref) => filters.get(Ref.key(ref)) ?? (declared.has(Ref.key(ref)) ? 'unreadable' : undefined),
    granted: grants(observed.gatewayApi('ReferenceGrant')),
  };
}

function destinationsOf(service: Service): (readonly [string, Destination])[] {
  const { namespace, name, versions } = service;
  const ref = { namespace, name };
  return [
    [Ref.key(ref), { service: ref }],
    ...versions.map(({ name: version }): readonly [string, Destination] => [
      Ref.key({ namespace, name: names.versionService(service, version) }),
      { service: ref, version },
    ]),
  ];
}

/** https://gateway-api.sigs.k8s.io/api-types/referencegrant/ */
function grants(manifests: readonly Manifest[]): RouteContext['granted'] {
  const known = new Set<string>();
  const keyOf = (kind: string, from: string, { namespace, name }: Ref) => `${kind} ${from} ${namespace}/${name}`;
  for (const { metadata, spec } of manifests) {
    const namespace = metadata.namespace ?? 'default';
    const services: readonly Granted[] = (spec?.to ?? []).filter(isService);
    for (const { group, kind, namespace: from } of (spec?.from ?? []) as readonly Grantee[]) {
      if (group !== gatewayGroup || !kind || !from) continue;
      for (const { name } of services) known.add(keyOf(kind, from, { namespace, name: name ?? any }));
    }
  }
  return (kind, from, service) =>
    known.has(keyOf(kind, from, service)) || known.has(keyOf(kind, from, { ...service, name: any }));
}

/** Stands for every Service of a namespace; no name of one. */
const any = '*';

function isService({ group, kind }: Granted): boolean {
  return group === '' && kind === 'Service';
}

interface Grantee {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
}
interface Granted {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
}
