import { describe, expect, it } from 'vitest';
import { meshwrightDefinitions } from '../../../lib/kubernetes/crds';
import { encode } from '../../../lib/kubernetes/declared';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import { violationsOf, violationText } from '../../support/manifests/schemas';
import * as make from '../../support/model-builder';

// biome-ignore lint/suspicious/noExplicitAny: the schema and the spec of any kind
type Json = any;

/** An object that a person might write, and what an API server says to it. */
interface Refusal {
  readonly kind: string;
  /** Where in the spec; `[0]` for the first of a list. */
  readonly at: string;
  readonly value: Json;
  /** All that is said of it, a line for each. */
  readonly says: string;
}

const target = [{ group: '', kind: 'Service', name: 'reviews' }];
const rule = (over: Json) => [{ action: 'Allow', ...over }];
const request = (over: Json) => rule({ requests: [over] });
const gate = (query: Json) => [{ query: { name: 'carts', query: 'sum(carts)', ...query } }];
const oneOf = (kind: string, at: string, value: Json, place: string, ...of: string[]): Refusal => ({
  kind,
  at,
  value,
  says: `spec.${place}: exactly one of ${of.join(', ')} must be given`,
});

const refusals: readonly Refusal[] = [
  {
    kind: 'AccessPolicy',
    at: 'targetRefs',
    value: [{ group: '', kind: 'Service', name: 'Reviews' }],
    says: 'spec.targetRefs[0].name: must match ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$, got "Reviews"',
  },
  {
    kind: 'AccessPolicy',
    at: 'targetRefs',
    value: [...target, ...target],
    says: 'spec.targetRefs: must have at most 1 items, got 2',
  },
  {
    kind: 'AccessPolicy',
    at: 'targetRefs',
    value: [{ group: 'apps', kind: 'Deployment', name: 'reviews' }],
    says: 'spec.targetRefs[0].group: must be one of "", got "apps"\nspec.targetRefs[0].kind: must be one of "Service", "ServiceAccount", got "Deployment"',
  },
  {
    kind: 'AccessPolicy',
    at: 'rules',
    value: rule({ from: [{ namespace: 'a', address: '10.0.0.0/8' }] }),
    says: 'spec.rules[0].from[0]: must have at most 1 properties, got 2',
  },
  {
    kind: 'AccessPolicy',
    at: 'rules',
    value: rule({ from: [{ namespace: 'a.b' }, {}] }),
    says: 'spec.rules[0].from[0].namespace: must match ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$, got "a.b"\nspec.rules[0].from[1]: must have at least 1 properties, got 0',
  },
  {
    kind: 'AccessPolicy',
    at: 'rules',
    value: rule({ from: [{ address: '10.0.0.1' }] }),
    says: 'spec.rules[0].from[0].address: must match ^[0-9a-fA-F:.]+/[0-9]{1,3}$, got "10.0.0.1"',
  },
  {
    kind: 'AccessPolicy',
    at: 'rules',
    value: request({ http: {}, grpc: {} }),
    says: 'spec.rules[0].requests[0]: exactly one of http, grpc must be given',
  },
  {
    kind: 'AccessPolicy',
    at: 'rules',
    value: request({ http: { path: { value: 'reviews' } } }),
    says: 'spec.rules[0].requests[0].http.path: value must begin with / when type is Exact or PathPrefix',
  },
  {
    kind: 'AccessPolicy',
    at: 'rules',
    value: request({ http: { headers: [{ name: 'x y', value: 'z' }] } }),
    says: 'spec.rules[0].requests[0].http.headers[0].name: must match ^[A-Za-z0-9!#$%&\'*+\\-.^_\\x60|~]+$, got "x y"',
  },
  {
    kind: 'AccessPolicy',
    at: 'rules',
    value: request({ grpc: { method: { service: 'shop/Ratings' } } }),
    says: 'spec.rules[0].requests[0].grpc.method.service: must match ^[A-Za-z_.][A-Za-z_0-9.]*$, got "shop/Ratings"',
  },
  {
    kind: 'AccessPolicy',
    at: 'rules',
    value: rule({ claims: [{ claim: 'a..b', values: ['c'] }] }),
    says: 'spec.rules[0].claims[0].claim: must match ^[^.]+(\\.[^.]+)*$, got "a..b"',
  },
  {
    kind: 'AccessPolicy',
    at: 'jwt',
    value: [{ issuer: 'me', keys: {} }],
    says: 'spec.jwt[0].keys: exactly one of inline, remote must be given',
  },
  {
    kind: 'AccessPolicy',
    at: 'jwt',
    value: [{ issuer: 'me', keys: { remote: { uri: 'file:///keys', refresh: '5 minutes' } } }],
    says: 'spec.jwt[0].keys.remote.uri: must match ^https?://, got "file:///keys"\nspec.jwt[0].keys.remote.refresh: must match ^([0-9]{1,5}(h|m|s|ms)){1,4}$, got "5 minutes"',
  },
  {
    kind: 'AccessPolicy',
    at: 'outsidePorts',
    value: [{ port: 9100, protocol: 'TCP', from: [{ anyone: {}, namespace: 'a' }] }],
    says: 'spec.outsidePorts[0].from[0]: exactly one of namespace, address, anyone must be given',
  },
  { kind: 'Canary', at: 'candidate', value: 'v1', says: 'spec: candidate must be another version than stable' },
  oneOf('Canary', 'strategy', {}, 'strategy', 'weighted', 'blueGreen', 'abTest'),
  {
    kind: 'Canary',
    at: 'strategy.weighted.steps',
    value: [5, 50, 25],
    says: 'spec.strategy.weighted.steps: must ascend, no share twice',
  },
  {
    kind: 'Canary',
    at: 'strategy.weighted.steps',
    value: [5, 5],
    says: 'spec.strategy.weighted.steps: must ascend, no share twice',
  },
  {
    kind: 'Canary',
    at: 'strategy.weighted.steps',
    value: [5, 100],
    says: 'spec.strategy.weighted.steps[1]: must be at most 99, got 100',
  },
  {
    kind: 'Canary',
    at: 'gates',
    value: [{}],
    says: 'spec.gates[0]: exactly one of successRate, latency, query, webhook, approval must be given',
  },
  {
    kind: 'Canary',
    at: 'gates',
    value: gate({}),
    says: 'spec.gates[0].query: at least one of atLeast, atMost must be given: without them every number passes',
  },
  {
    kind: 'Canary',
    at: 'gates',
    value: gate({ atLeast: 2, atMost: 1 }),
    says: 'spec.gates[0].query: atLeast must not be greater than atMost: no number could pass',
  },
  {
    kind: 'Canary',
    at: 'gates',
    value: [{ latency: { quantile: 1, below: '1s', minimumRequests: 1 } }],
    says: 'spec.gates[0].latency.quantile: must be less than 1, got 1',
  },
  {
    kind: 'Edge',
    at: 'retries',
    value: { attempts: 1, backoff: { base: '1s', max: '500ms' } },
    says: 'spec.retries.backoff: max must not be shorter than base',
  },
  {
    kind: 'Edge',
    at: 'retries',
    value: { attempts: 1, conditions: ['always'] },
    says: 'spec.retries.conditions[0]: must be one of "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "refused-stream", "retriable-4xx", "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable", got "always"',
  },
  {
    kind: 'Edge',
    at: 'env',
    value: [{ name: '1ST', carries: 'Host' }],
    says: 'spec.env[0].name: must match ^[-._a-zA-Z][-._a-zA-Z0-9]*$, got "1ST"',
  },
  { kind: 'Edge', at: 'port', value: 65_536, says: 'spec.port: must be at most 65535, got 65536' },
  oneOf('ExternalService', 'tls', { none: {}, passthrough: {} }, 'tls', 'none', 'passthrough', 'originate'),
  {
    kind: 'ExternalService',
    at: 'tls',
    value: { originate: {} },
    says: 'spec: tls must be passthrough when protocol is TLS, and only then or when it is TCP',
  },
  {
    kind: 'ExternalService',
    at: 'protocol',
    value: 'HTTP',
    says: 'spec: tls must be passthrough when protocol is TLS, and only then or when it is TCP',
  },
  {
    kind: 'ExternalService',
    at: '',
    value: { host: '*.example.com', port: 443, protocol: 'TCP', tls: { passthrough: {} } },
    says: 'spec: a wildcard host needs protocol TLS: many hosts are told apart by their server names alone',
  },
  {
    kind: 'ExternalService',
    at: '',
    value: { host: '*.example.com', port: 443, protocol: 'TLS', tls: { passthrough: {} }, addresses: ['192.0.2.7'] },
    says: 'spec: a wildcard host has no addresses: they are those of one host',
  },
  {
    kind: 'ExternalService',
    at: 'host',
    value: 'https://api.example.com',
    says: 'spec.host: must match ^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$, got "https://api.example.com"',
  },
  {
    kind: 'ExternalService',
    at: 'addresses',
    value: ['localhost'],
    says: 'spec.addresses[0]: must match ^[0-9a-fA-F:.]+$, got "localhost"',
  },
  {
    kind: 'GatewayParameters',
    at: 'resources',
    value: { requests: { cpu: 'much' } },
    says: 'spec.resources.requests.cpu: must match ^([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)(([KMGTPE]i)|[numkMGTPE]|([eE][-+]?[0-9]+))?$, got "much"',
  },
  { kind: 'GatewayParameters', at: 'replicas', value: 0, says: 'spec.replicas: must be at least 1, got 0' },
  {
    kind: 'Mesh',
    at: 'trustDomain',
    value: 'Shop/Example',
    says: 'spec.trustDomain: must match ^[a-z0-9._-]+$, got "Shop/Example"',
  },
  oneOf(
    'Mesh',
    'certificates.root',
    { generated: { lifetime: '1h' }, secret: { name: 'a' } },
    'certificates.root',
    'generated',
    'certManager',
    'secret',
  ),
  oneOf('Mesh', 'capture', { names: {}, transparent: {} }, 'capture', 'names', 'transparent'),
  oneOf('Mesh', 'telemetry.accessLog.format', {}, 'telemetry.accessLog.format', 'json', 'text'),
  oneOf('Mesh', 'telemetry.accessLog.target', {}, 'telemetry.accessLog.target', 'stdout', 'otlp'),
  {
    kind: 'Mesh',
    at: 'telemetry.metrics',
    value: { latencyBuckets: [10, 5] },
    says: 'spec.telemetry.metrics.latencyBuckets: must ascend',
  },
  {
    kind: 'RouteFilter',
    at: '',
    value: { respond: { status: 200 }, forwardToParent: true },
    says: 'spec: respond and forwardToParent exclude each other: a request is answered here or sent on',
  },
  oneOf('RouteFilter', 'sessionAffinity', {}, 'sessionAffinity', 'cookie', 'header'),
  oneOf(
    'RouteFilter',
    'rateLimit',
    { global: { service: { name: 'limits' }, port: 80, domain: 'shop', descriptors: [{}], onFailure: 'Allow' } },
    'rateLimit.global.descriptors[0]',
    'value',
    'header',
    'sourceAddress',
    'sourceIdentity',
  ),
  oneOf(
    'TrafficPolicy',
    'loadBalancing',
    {},
    'loadBalancing',
    'roundRobin',
    'leastRequest',
    'random',
    'ringHash',
    'maglev',
  ),
  oneOf(
    'TrafficPolicy',
    'loadBalancing',
    { maglev: { by: [{}] } },
    'loadBalancing.maglev.by[0]',
    'header',
    'cookie',
    'sourceAddress',
    'queryParameter',
  ),
  oneOf(
    'TrafficPolicy',
    'healthCheck',
    { interval: '1s', timeout: '1s', unhealthyThreshold: 1, healthyThreshold: 1 },
    'healthCheck',
    'http',
    'grpc',
    'tcp',
  ),
  {
    kind: 'TrafficPolicy',
    at: 'healthCheck',
    value: { interval: '1s', timeout: '1s', unhealthyThreshold: 1, healthyThreshold: 1, http: { path: 'health' } },
    says: 'spec.healthCheck.http.path: must match ^/, got "health"',
  },
];

/** A legal object of each kind, into which a mistake is put. */
const legal: ReadonlyMap<string, Manifest> = new Map(
  encode(
    make.model({
      services: [reviews()],
      edges: [make.edge(reviews(), reviews())],
      accessPolicies: [make.accessPolicy(reviews())],
      canaries: [make.canary(reviews())],
      externalServices: [make.externalService('stripe')],
      gateways: [make.gateway('public')],
      telemetries: [make.telemetry(reviews())],
      trafficPolicies: [make.trafficPolicy(reviews())],
      routes: [make.httpRoute(reviews(), [make.httpRule({ rateLimit: { local: { requests: 1, per: 1_000 } } })])],
    }),
  ).map((object) => [object.kind, object]),
);

function reviews() {
  return make.service('reviews', { versions: [make.version('v1'), make.version('v2')] });
}

describe('an API server', () => {
  const crds = meshwrightDefinitions();

  it('has nothing to say to the legal objects', () => {
    const own = crds.map(({ spec }) => legal.get(spec.names.kind));
    expect(own).not.toContain(undefined);
    expect(violationsOf(own as Manifest[], { crds }).map(violationText)).toEqual([]);
  });

  it.each(refusals)('refuses $kind with $at: $says', ({ kind, at, value, says }) => {
    const object = legal.get(kind) as Manifest;
    const changed = { ...object, spec: at === '' ? value : changedAt(object.spec, at.split('.'), value) };
    const said = violationsOf([changed], { crds }).map((violation) => `${violation.at}: ${violation.message}`);
    expect(said.join('\n')).toBe(says);
  });

  it('is told each rule and each pattern by one of these', () => {
    const said = refusals.map(({ says }) => says).join('\n');
    const { rules, patterns } = constraintsOf(crds);
    expect(rules.filter((message) => !said.includes(message))).toEqual([immutable.message]);
    expect(patterns.filter((pattern) => !said.includes(`must match ${pattern}, got`))).toEqual([]);
  });

  it('refuses a change of the trust domain', () => {
    const mesh = crds.find(({ spec }) => spec.names.kind === 'Mesh');
    const trustDomain = mesh?.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.trustDomain;
    expect(trustDomain['x-kubernetes-validations']).toEqual([immutable]);
  });
});

/** No object alone breaks it: it compares with what was there before. */
const immutable = {
  rule: 'self == oldSelf',
  message:
    'trustDomain cannot change: every certificate and every authorization names it; make a second mesh and move into it',
};

function changedAt(json: Json, [step, ...rest]: readonly string[], value: Json): Json {
  if (step === undefined) return value;
  return { ...json, [step]: changedAt(json?.[step], rest, value) };
}

function constraintsOf(crds: readonly Manifest[]): { readonly rules: string[]; readonly patterns: string[] } {
  const rules = new Set<string>();
  const patterns = new Set<string>();
  const visit = (schema: Json) => {
    if (schema.pattern !== undefined) patterns.add(schema.pattern);
    for (const { message } of schema['x-kubernetes-validations'] ?? []) rules.add(message);
    for (const inner of Object.values(schema.properties ?? {})) visit(inner);
    if (schema.items) visit(schema.items);
    if (schema.additionalProperties) visit(schema.additionalProperties);
  };
  for (const { spec } of crds) visit(spec.versions[0].schema.openAPIV3Schema.properties.spec);
  return { rules: [...rules], patterns: [...patterns] };
}
