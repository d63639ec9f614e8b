import {
  type AccessPolicy,
  type Backend,
  type Canary,
  type CanaryFailure,
  canaryTarget,
  type Edge,
  type EdgeTarget,
  type GrpcRule,
  type HttpRule,
  type Locator,
  locate,
  type Mirror,
  type Model,
  names,
  type Protocol,
  policyTarget,
  type Ref,
  type RequestMatch,
  type Retries,
  type Route,
  type Telemetry,
} from '../model';
import type { Context } from './rule';

/** The parts of a model that several rules look at, each with the place to report. */

const edgeLocators = new WeakMap<Edge, Locator>();

/** Made once for each edge, and only for those that are reported: its name may need a hash. */
export function edgeLocator(edge: Edge): Locator {
  let locator = edgeLocators.get(edge);
  if (!locator) {
    locator = locate('Edge', { namespace: edge.from.namespace, name: names.edgeObject(edge.from, edge.to, edge.port) });
    edgeLocators.set(edge, locator);
  }
  return locator;
}

/** How messages name something: by its name alone where the namespace is the reader's own. */
export function shown(ref: Ref, namespace: string): string {
  return ref.namespace === namespace ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** How messages name who calls: by what runs, or by the identity where nothing does. */
export function callerName({ find }: Context, edge: Edge): string {
  return find.running(edge.from)[0]?.name ?? edge.from.serviceAccount;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** The protocol of the port that an edge calls; nothing where there is no such port. */
export function protocolOf({ find }: Context, to: EdgeTarget, port: number): Protocol | undefined {
  if (to.kind === 'externalService') {
    const external = find.externalService(to);
    return external?.port === port ? external.protocol : undefined;
  }
  return portProtocol(find.service(to)?.ports, port);
}

/** The protocol of a port; where TCP and UDP share a number, that of TCP. */
export function portProtocol(
  ports: readonly { readonly port: number; readonly protocol: Protocol }[] | undefined,
  port: number,
): Protocol | undefined {
  const same = ports?.filter((one) => one.port === port) ?? [];
  return (same.find((one) => one.protocol !== 'udp') ?? same[0])?.protocol;
}

/** Policies that a person wrote; those that synthesis writes from edges repeat what the edges say. */
export function declaredPolicies(model: Model): readonly AccessPolicy[] {
  return model.accessPolicies.filter((policy) => policy.origin === 'declared');
}

/** A rule of an HTTP or gRPC route. */
export interface RuleSite {
  readonly at: Locator;
  /** Beginning of a message, where a route has several rules: `rule 2: `. */
  readonly label: string;
  readonly route: Extract<Route, { readonly kind: 'http' | 'grpc' }>;
  readonly rule: HttpRule | GrpcRule;
}

const allRuleSites = new WeakMap<Model, readonly RuleSite[]>();

/** Every such rule of a model, collected once. */
export function ruleSites(model: Model): readonly RuleSite[] {
  let all = allRuleSites.get(model);
  if (!all) {
    all = collectRuleSites(model);
    allRuleSites.set(model, all);
  }
  return all;
}

function collectRuleSites(model: Model): readonly RuleSite[] {
  return model.routes.flatMap((route) =>
    route.kind === 'tls' || route.kind === 'tcp'
      ? []
      : route.rules.map((rule, index) => ({
          at: locate('Route', route),
          label: route.rules.length > 1 ? `rule ${index + 1}: ` : '',
          route,
          rule,
        })),
  );
}

/** Backends among which a route divides its requests or connections. */
export interface SplitSite {
  readonly at: Locator;
  readonly label: string;
  readonly route: Route;
  readonly backends: readonly Backend[];
}

export function splitSites(model: Model): readonly SplitSite[] {
  const requests = ruleSites(model).flatMap(({ at, label, route, rule }) =>
    rule.action.kind === 'forward' ? [{ at, label, route, backends: rule.action.backends }] : [],
  );
  const connections = model.routes.flatMap((route) =>
    route.kind === 'tls' || route.kind === 'tcp'
      ? [{ at: locate('Route', route), label: '', route, backends: route.backends }]
      : [],
  );
  return [...requests, ...connections];
}

/** A match of requests, and the protocol of each port that it may meet. */
export interface MatchSite {
  readonly at: Locator;
  readonly label: string;
  readonly match: RequestMatch;
}

export function matchSites(model: Model): readonly MatchSite[] {
  return [
    ...ruleSites(model).flatMap(({ at, label, route, rule }) =>
      rule.matches.map((match) => ({ at, label, match: { ...match, kind: route.kind } as RequestMatch })),
    ),
    ...model.edges.flatMap((edge) => edge.only.map((match) => ({ at: edgeLocator(edge), label: '`only`: ', match }))),
    ...declaredPolicies(model).flatMap((policy) => {
      const at = locate('AccessPolicy', policy);
      const asked = policy.externalAuthorization?.requests ?? [];
      return [
        ...policy.rules.flatMap((rule, index) =>
          rule.requests.map((match) => ({ at, label: ruleLabel(policy.rules, index), match })),
        ),
        ...asked.map((match) => ({ at, label: 'externalAuthorization: ', match })),
      ];
    }),
    ...model.canaries.flatMap((canary) =>
      canary.strategy.kind === 'abTest'
        ? canary.strategy.matches.map((match) => ({
            at: locate('Canary', canary),
            label: '',
            match: { kind: 'http', ...match } as const,
          }))
        : [],
    ),
  ];
}

export function ruleLabel(rules: readonly unknown[], index: number): string {
  return rules.length > 1 ? `rule ${index + 1}: ` : '';
}

/** A place that says what is tried again, and for how long the whole may take. */
export interface RetrySite {
  readonly at: Locator;
  readonly label: string;
  readonly retries: Retries;
  /** Of the whole request, where it is known here. */
  readonly timeout?: number;
}

export function retrySites({ mesh, edges, ...rest }: Model): readonly RetrySite[] {
  const model: Model = { mesh, edges, ...rest };
  return [
    { at: `Mesh ${mesh.name}`, label: 'defaults.', retries: mesh.defaults.retries, timeout: mesh.defaults.timeout },
    ...edges.flatMap((edge) => {
      if (!edge.retries) return [];
      const timeout = edge.timeout ?? mesh.defaults.timeout;
      return [{ at: edgeLocator(edge), label: '', retries: edge.retries, timeout }];
    }),
    ...ruleSites(model).flatMap(({ at, label, rule }) =>
      rule.retries ? [{ at, label, retries: rule.retries, timeout: rule.timeout }] : [],
    ),
  ];
}

/** Telemetry of the mesh and of each service that has its own. */
export function telemetrySites(model: Model): readonly { readonly at: Locator; readonly telemetry: Telemetry }[] {
  return [
    { at: `Mesh ${model.mesh.name}`, telemetry: model.mesh.telemetry },
    ...model.telemetries.map((telemetry) => ({ at: locate('Telemetry', telemetry), telemetry })),
  ];
}

/** A place that names a service, its port or its version. */
export interface Reference {
  readonly at: Locator;
  /** What names it: `a backend`. */
  readonly what: string;
  /** What it may be. */
  readonly of: 'service' | 'externalService' | 'callable' | 'runner';
  readonly ref: Ref;
  readonly port?: number;
  readonly version?: string;
}

const allReferences = new WeakMap<Model, readonly Reference[]>();

/** Every such place of a model, collected once. */
export function references(model: Model): readonly Reference[] {
  let all = allReferences.get(model);
  if (!all) {
    all = collectReferences(model);
    allReferences.set(model, all);
  }
  return all;
}

function collectReferences(model: Model): readonly Reference[] {
  return [
    ...model.edges.map(
      (edge): Reference => ({
        get at() {
          return edgeLocator(edge);
        },
        what: 'the call',
        of: edge.to.kind,
        ref: edge.to,
        port: edge.port,
      }),
    ),
    ...model.routes.flatMap(routeReferences),
    ...model.trafficPolicies.map(
      (policy): Reference => ({
        at: locate('TrafficPolicy', policy),
        what: 'the policy',
        of: 'service',
        ref: policyTarget(policy),
        port: policy.port,
      }),
    ),
    ...declaredPolicies(model).flatMap(policyReferences),
    ...model.canaries.flatMap((canary): Reference[] => {
      const place = { at: locate('Canary', canary), of: 'service', ref: canaryTarget(canary) } as const;
      return [
        { ...place, what: 'the stable version', version: canary.stable },
        { ...place, what: 'the candidate', version: canary.candidate },
      ];
    }),
    ...model.sharedProxies.flatMap((proxy) =>
      proxy.services.map(
        (name): Reference => ({
          at: locate('SharedProxy', proxy),
          what: 'the shared proxy',
          of: 'service',
          ref: { namespace: proxy.namespace, name },
        }),
      ),
    ),
    ...model.telemetries.map(
      (telemetry): Reference => ({
        at: locate('Telemetry', telemetry),
        what: 'the telemetry',
        of: 'service',
        ref: policyTarget(telemetry),
      }),
    ),
  ];
}

function routeReferences(route: Route): readonly Reference[] {
  const at = locate('Route', route);
  const to = (what: string, { service, port, version }: Pick<Backend | Mirror, 'service' | 'port' | 'version'>) =>
    ({ at, what, of: 'service', ref: service, port, version }) as const;
  const parents = route.parents.flatMap((parent): Reference[] =>
    parent.kind === 'service' ? [{ at, what: 'the route', of: 'service', ref: parent, port: parent.port }] : [],
  );
  if (route.kind === 'tls' || route.kind === 'tcp') {
    return [...parents, ...route.backends.map((backend) => to('a backend', backend))];
  }
  const rules = route.rules.flatMap((rule): Reference[] => {
    const limit = rule.rateLimit?.global;
    return [
      ...(rule.action.kind === 'forward' ? rule.action.backends.map((backend) => to('a backend', backend)) : []),
      ...(rule.mirrors ?? []).map((mirror) => to('a mirror', mirror)),
      ...(limit ? [{ at, what: 'the rate limit', of: 'callable', ref: limit.service, port: limit.port } as const] : []),
    ];
  });
  return [...parents, ...rules];
}

function policyReferences(policy: AccessPolicy): readonly Reference[] {
  const at = locate('AccessPolicy', policy);
  const target = { at, what: 'the policy', of: 'runner', ref: policyTarget(policy) } as const;
  const asked = policy.externalAuthorization;
  return [
    target,
    ...policy.rules.flatMap((rule) => rule.ports.map((port): Reference => ({ ...target, port }))),
    ...(asked
      ? [{ at, what: 'the external authorization', of: 'callable', ref: asked.service, port: asked.port } as const]
      : []),
  ];
}

/** Places that give a URL which the control plane calls. */
export function hookUrls(canary: Canary): readonly { readonly what: string; readonly url: string }[] {
  const notify: CanaryFailure['notify'] = canary.onFailure.notify;
  return [
    ...canary.gates.flatMap((gate) => (gate.kind === 'webhook' ? [{ what: `gate ${gate.name}`, url: gate.url }] : [])),
    ...canary.hooks.map((hook) => ({ what: `hook ${hook.name}`, url: hook.url })),
    ...(notify === undefined ? [] : [{ what: '`onFailure.notify`', url: notify }]),
  ];
}
