import { backendsOf, type Model, names, order, type Route } from '../../../model';
import type { Manifest } from '../../manifest';
import { gatewayGroup, kinds, object } from '../object';
import { type Endpoint, ownBackend } from './backends';

/**
 * One ReferenceGrant for each service that routes of another namespace lead to, and each such namespace. It is written in
 * the namespace of the service, as the right to call it is.
 */
export function encodeReferenceGrants(model: Model): readonly Manifest[] {
  const grants = new Map<string, Grant>();
  for (const route of model.routes) {
    for (const backend of referred(route)) {
      if (backend.service.namespace === route.namespace) continue;
      const { namespace } = backend.service;
      const target = targetOf(backend);
      const key = `${namespace}/${target} ${route.namespace}`;
      const grant = grants.get(key) ?? { namespace, target, from: route.namespace, kinds: new Set() };
      grant.kinds.add(kindOf(route));
      grants.set(key, grant);
    }
  }
  return [...grants.values()].map(({ namespace, target, from, kinds: routeKinds }) =>
    object(
      model,
      kinds.referenceGrant,
      { namespace, name: names.referenceGrant(target, from) },
      {
        spec: {
          from: [...routeKinds].sort(order).map((kind) => ({ group: gatewayGroup, kind, namespace: from })),
          to: [{ group: '', kind: 'Service', name: target }],
        },
      },
    ),
  );
}

interface Grant {
  readonly namespace: string;
  /** Name of the Service. */
  readonly target: string;
  /** Namespace of the routes. */
  readonly from: string;
  readonly kinds: Set<string>;
}

/** What the object of a route refers to: its backends, and its own service where a rule names none. */
function referred(route: Route): readonly Endpoint[] {
  const own = ownBackend(route.parents);
  return own && meansItself(route) ? [...backendsOf(route), own] : backendsOf(route);
}

function meansItself(route: Route): boolean {
  if (route.kind === 'tls' || route.kind === 'tcp') return route.backends.length === 0;
  return route.rules.some(({ action }) => action.kind === 'forward' && action.backends.length === 0);
}

function targetOf({ service, version }: Endpoint): string {
  return version === undefined ? service.name : names.versionService(service, version);
}

function kindOf(route: Route): string {
  switch (route.kind) {
    case 'http':
      return 'HTTPRoute';
    case 'grpc':
      return 'GRPCRoute';
    case 'tls':
      return route.hostnames.length > 0 ? 'TLSRoute' : 'TCPRoute';
    case 'tcp':
      return 'TCPRoute';
  }
}
