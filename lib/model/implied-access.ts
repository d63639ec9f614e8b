import type { AccessPolicy, AccessRule, AccessSource } from './access-policy';
import { lookup } from './lookup';
import type { Model } from './model';
import * as names from './names';
import { order, Ref } from './ref';
import type { Backend, Route } from './route';
import { supportingCalls } from './supporting-calls';

/**
 * Writes down what the declared edges, routes and proxies imply about access: one policy for each service that is called,
 * in the namespace of the service. Edges between other services change nothing of it.
 */
export function withImpliedAccess(model: Model): Model {
  if (complete.has(model)) return model;
  const declared = model.accessPolicies.filter((policy) => policy.origin === 'declared');
  const rules = new Map<string, { readonly service: Ref; readonly rules: Map<string, AccessRule> }>();
  const allow = (service: Ref, from: AccessSource, port: number, requests: AccessRule['requests'] = []) => {
    const rule: AccessRule = { action: 'allow', shadow: false, from: [from], ports: [port], requests, claims: [] };
    const entry = rules.get(Ref.key(service)) ?? {
      service: { namespace: service.namespace, name: service.name },
      rules: new Map(),
    };
    entry.rules.set(JSON.stringify(rule), rule);
    rules.set(Ref.key(service), entry);
  };

  const find = lookup(model);
  for (const edge of model.edges) {
    if (edge.to.kind !== 'service') continue;
    const caller: AccessSource = { kind: 'identity', ...edge.from };
    allow(edge.to, caller, edge.port, edge.only);
    // A route may lead the call on to other services: the caller's sidecar dials those itself.
    for (const target of find.routesOf(edge.to).flatMap((route) => led(route, edge.to, edge.port))) {
      allow(target.service, caller, target.port);
    }
  }
  for (const route of model.routes) {
    for (const parent of route.parents) {
      if (parent.kind !== 'gateway') continue;
      const gateway: AccessSource = {
        kind: 'identity',
        namespace: parent.namespace,
        serviceAccount: names.proxyObject('gateway', parent.name),
      };
      for (const target of backendsOf(route)) allow(target.service, gateway, target.port);
    }
  }

  for (const { caller, service, port } of supportingCalls(model)) {
    allow(service, { kind: 'identity', ...caller }, port);
  }

  const implied: AccessPolicy[] = [...rules.values()].map((entry) => ({
    namespace: entry.service.namespace,
    name: impliedPolicyName(entry.service.name),
    service: entry.service.name,
    origin: 'edges',
    rules: [...entry.rules].sort(([a], [b]) => order(a, b)).map(([, rule]) => rule),
    jwt: [],
    outsidePorts: [],
  }));
  const result = { ...model, accessPolicies: [...declared, ...implied].sort(Ref.compare) };
  complete.add(result);
  return result;
}

/** Models that have been completed already. */
const complete = new WeakSet<Model>();

/** Says of a part of a completed model that its policies are what they are: edges that it does not hold imply some of them. */
export function accessIsComplete(part: Model): Model {
  complete.add(part);
  return part;
}

/** `reviews-callers`. */
export function impliedPolicyName(service: string): string {
  return names.objectName(`${service}-callers`);
}

/** Where a route of a service leads other than to the service itself. */
function led(route: Route, service: Ref, port: number): readonly { readonly service: Ref; readonly port: number }[] {
  const here = route.parents.some(
    (parent) => parent.kind === 'service' && Ref.equal(parent, service) && parent.port === port,
  );
  return here ? backendsOf(route).filter((target) => !Ref.equal(target.service, service) || target.port !== port) : [];
}

/** Every service that a route can send a request to, mirrors included. */
export function backendsOf(route: Route): readonly Pick<Backend, 'service' | 'version' | 'port'>[] {
  if (route.kind === 'tls' || route.kind === 'tcp') return route.backends;
  return route.rules.flatMap((rule) => [
    ...(rule.action.kind === 'forward' ? rule.action.backends : []),
    ...(rule.mirrors ?? []),
  ]);
}
