import type { JwtIssuer } from './access-policy';
import { lookup } from './lookup';
import type { Model } from './model';
import * as names from './names';
import { Identity, Ref } from './ref';
import type { Route } from './route';
import type { Service } from './service';

/** A call that a proxy makes for itself and no edge declares: to authorize, to count, to fetch keys, to report. */
export type SupportingCall =
  | { readonly kind: 'service'; readonly service: Ref; readonly port: number }
  | { readonly kind: 'host'; readonly host: string; readonly port: number };

/** The proxies that call a service for themselves, as the identities they run as. */
export interface Callers {
  of(service: Ref, port: number): readonly Identity[];
  callsOf(identity: Identity): readonly SupportingCall[];
  all(): readonly (readonly [Identity, SupportingCall])[];
}

/** Who asks external authorization and rate limit services and fetches keys: all of it in one linear pass. */
export function callersOf(model: Model): Callers {
  const find = lookup(model);
  const byIdentity = new Map<string, { readonly identity: Identity; readonly calls: Map<string, SupportingCall> }>();
  const byService = new Map<string, Map<string, Identity>>();
  const add = ({ namespace, serviceAccount }: Identity, call: SupportingCall) => {
    const key = Identity.key({ namespace, serviceAccount });
    const entry = byIdentity.get(key) ?? { identity: { namespace, serviceAccount }, calls: new Map() };
    entry.calls.set(JSON.stringify(call), call);
    byIdentity.set(key, entry);
    if (call.kind !== 'service') return;
    const target = `${Ref.key(call.service)} ${call.port}`;
    byService.set(target, (byService.get(target) ?? new Map()).set(key, entry.identity));
  };

  for (const policy of model.accessPolicies) {
    const service = find.service({ namespace: policy.namespace, name: policy.service });
    if (!service) continue;
    const { externalAuthorization } = policy;
    const calls: SupportingCall[] = policy.jwt.flatMap((issuer) => keysCall(model, policy.namespace, issuer));
    if (externalAuthorization)
      calls.push({ kind: 'service', service: externalAuthorization.service, port: externalAuthorization.port });
    for (const identity of enforcersOf(model, service)) for (const call of calls) add(identity, call);
  }
  for (const route of model.routes) {
    const limits = rateLimitServices(route);
    if (limits.length === 0) continue;
    for (const identity of appliersOf(model, route)) for (const call of limits) add(identity, call);
  }
  return {
    of: (service, port) => [...(byService.get(`${Ref.key(service)} ${port}`) ?? new Map<string, Identity>()).values()],
    all: () =>
      [...byIdentity.values()].flatMap(({ identity, calls }) =>
        [...calls.values()].map((call) => [identity, call] as const),
      ),
    callsOf: (identity) => [...(byIdentity.get(Identity.key(identity))?.calls.values() ?? [])],
  };
}

/** The calls of proxies to services of the mesh: the services must let them in. */
export function supportingCalls(
  model: Model,
): readonly { readonly caller: Identity; readonly service: Ref; readonly port: number }[] {
  return callersOf(model)
    .all()
    .flatMap(([caller, call]) => (call.kind === 'service' ? [{ caller, service: call.service, port: call.port }] : []));
}

/** A service of the mesh is known by its names; it must let the proxy in like any other caller. */
function keysCall(model: Model, namespace: string, { keys }: JwtIssuer): readonly SupportingCall[] {
  if (keys.kind !== 'remote') return [];
  const [, scheme, written, given] = /^(https?):\/\/(\[[^\]]+\]|[^/:?#]+)(?::([0-9]+))?/.exec(keys.uri) ?? [];
  if (written === undefined) return [];
  const host = written.replace(/^\[|\]$/g, '');
  const port = given === undefined ? (scheme === 'http' ? 80 : 443) : Number(given);
  const [name = '', ofNamespace = namespace] = host.split('.');
  const service = lookup(model).service({ namespace: ofNamespace, name });
  const inside = service && names.hostnames(service, namespace, model.mesh.clusterDomain).includes(host);
  if (!inside) return [{ kind: 'host', host, port }];
  return [{ kind: 'service', service: { namespace: service.namespace, name: service.name }, port }];
}

/** The proxies that enforce what is said of a service: its own, or the shared one before it. */
function enforcersOf(model: Model, service: Service): readonly Identity[] {
  const proxy = lookup(model).sharedProxy(service);
  if (!proxy) return [service];
  return [{ namespace: proxy.namespace, serviceAccount: names.proxyObject('shared-proxy', proxy.name) }];
}

/**
 * The proxies that apply a route: of the callers of its services, of the services themselves, of those that it leads to (they enforce its
 * limits), and gateways.
 */
function appliersOf(model: Model, route: Route): readonly Identity[] {
  const find = lookup(model);
  const ofService = route.parents.some(({ kind }) => kind === 'service');
  const led = ofService ? forwardedTo(route).flatMap((ref) => find.service(ref) ?? []) : [];
  const enforcing = led.flatMap((service) => enforcersOf(model, service));
  const applying = route.parents.flatMap((parent): readonly Identity[] => {
    const { namespace, name } = parent;
    if (parent.kind === 'gateway') return [{ namespace, serviceAccount: names.proxyObject('gateway', name) }];
    const service = find.service(parent);
    return [
      ...find.edgesTo('service', parent).map((edge) => edge.from),
      ...(service ? enforcersOf(model, service) : []),
    ];
  });
  return [...applying, ...enforcing];
}

function forwardedTo(route: Route): readonly Ref[] {
  if (route.kind === 'tls' || route.kind === 'tcp') return [];
  return route.rules.flatMap(({ action }) =>
    action.kind === 'forward' ? action.backends.map((backend) => backend.service) : [],
  );
}

function rateLimitServices(route: Route): readonly SupportingCall[] {
  if (route.kind === 'tls' || route.kind === 'tcp') return [];
  return route.rules.flatMap(({ rateLimit }): readonly SupportingCall[] =>
    rateLimit?.global ? [{ kind: 'service', service: rateLimit.global.service, port: rateLimit.global.port }] : [],
  );
}
