import { type Gateway, type Mesh, names, Ref, type Service } from '../../../model';
import type { Manifest } from '../../manifest';
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
  const byNamespace = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const namespace = manifest.metadata.namespace ?? 'default';
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), manifest]);
  }
  return (kind, from, service) =>
    (byNamespace.get(service.namespace) ?? []).some(
      ({ spec }) =>
        (spec?.from ?? []).some(
          (one: Grantee) => one.group === 'gateway.networking.k8s.io' && one.kind === kind && one.namespace === from,
        ) &&
        (spec?.to ?? []).some(
          (one: Granted) => one.group === '' && one.kind === 'Service' && (one.name ?? service.name) === service.name,
        ),
    );
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
