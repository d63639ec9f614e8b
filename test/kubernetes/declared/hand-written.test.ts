import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { gatewayApiDefinitions, meshwrightDefinitions } from '../../../lib/kubernetes/crds';
import { type Decoded, decode, encode } from '../../../lib/kubernetes/declared';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import type { Backend, Model, Route } from '../../../lib/model';
import { violationsOf, violationText } from '../../support/manifests/schemas';
import * as make from '../../support/model-builder';
import { served } from './served';

/** What people write by hand in a cluster where this mesh is. */
const reviews = make.service('reviews', {
  versions: [make.version('v1'), make.version('v2')],
  ports: [make.port('http'), make.port('http', 9000, { name: 'admin', port: 9000 })],
});
const ratings = make.service('ratings', { ports: [make.port('grpc', 9090)] });
const database = make.service('database', { namespace: 'data', ports: [make.port('tcp', 5432)] });
const shop = make.gateway('public', { listeners: [make.listener(), make.listener({ name: 'alt', port: 8080 })] });
const mesh = make.model({ services: [database, ratings, reviews], gateways: [shop] });

const crds = [...meshwrightDefinitions(), ...gatewayApiDefinitions('experimental')];

/** Reads hand-written objects beside those of the mesh; as they are and as an API server gives them back it is the same. */
function read(text: string): Decoded {
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  expect(violationsOf(objects, { crds }).map(violationText)).toEqual([]);
  const all = [...encode(mesh), ...objects];
  const decoded = decode(all);
  expect(decode(all.map((object) => served(object, crds)))).toEqual(decoded);
  return decoded;
}

function routes(text: string): readonly Route[] {
  const { model, problems } = read(text);
  expect(problems).toEqual([]);
  return model?.routes ?? [];
}

/** The same route with other rules; every field that Kubernetes fills in is left out. */
const httpRoute = (rules: string, more = '') => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: by-hand, namespace: shop }
spec:
  parentRefs:
    - { group: '', kind: Service, name: reviews, port: 80 }${more}
  rules:
${rules.trimEnd().replace(/^\n/, '')}
`;

const base = {
  kind: 'http',
  namespace: 'shop',
  name: 'by-hand',
  parents: [{ kind: 'service', namespace: 'shop', name: 'reviews', port: 80 }],
  hostnames: [],
} as const;
const backend = (over: Partial<Backend> = {}): Backend => ({ ...make.backend(reviews), ...over });
const forward = (...backends: Backend[]) => ({ kind: 'forward', backends }) as const;

describe('a hand-written HTTPRoute', () => {
  it('of several rules, with what is left out meaning what Gateway API says', () => {
    const text = httpRoute(`
    - matches:
        - path: { value: /a }
          method: GET
        - headers: [{ name: x-a, value: '1' }]
          queryParams: [{ name: q, type: RegularExpression, value: '[0-9]+' }]
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: { set: [{ name: x-b, value: '2' }], remove: [x-c] }
        - type: ResponseHeaderModifier
          responseHeaderModifier: { add: [{ name: x-d, value: '3' }] }
        - type: URLRewrite
          urlRewrite: { hostname: a.example, path: { type: ReplaceFullPath, replaceFullPath: /b } }
        - type: RequestMirror
          requestMirror: { backendRef: { name: ratings, port: 80 } }
        - type: RequestMirror
          requestMirror: { backendRef: { name: reviews-v2, port: 80 }, fraction: { numerator: 1, denominator: 8 } }
        - type: CORS
          cors: { allowOrigins: ['https://a.example'], allowCredentials: true }
      backendRefs:
        - { name: reviews-v1, port: 80 }
        - { name: reviews-v2, port: 80, weight: 3 }
      timeouts: { request: 10s, backendRequest: 2s }
      retry: { attempts: 3, backoff: 100ms, codes: [500, 503] }
    - matches: [{ path: { type: Exact, value: /c } }]
      filters:
        - type: RequestRedirect
          requestRedirect: { scheme: https, port: 8443 }
    - backendRefs: [{ name: reviews, port: 80 }]`);
    expect(routes(text)).toEqual([
      {
        ...base,
        rules: [
          {
            matches: [
              { path: { kind: 'prefix', path: '/a' }, method: 'GET', headers: [], query: [] },
              {
                headers: [{ kind: 'exact', name: 'x-a', value: '1' }],
                query: [{ kind: 'regex', name: 'q', pattern: '[0-9]+' }],
              },
            ],
            action: forward(backend({ version: 'v1', weight: 25 }), backend({ version: 'v2', weight: 75 })),
            requestHeaders: { set: [{ name: 'x-b', value: '2' }], add: [], remove: ['x-c'] },
            responseHeaders: { set: [], add: [{ name: 'x-d', value: '3' }], remove: [] },
            rewrite: { host: 'a.example', path: { kind: 'full', value: '/b' } },
            mirrors: [
              { service: make.ref(ratings), port: 80, percent: 100 },
              { service: make.ref(reviews), version: 'v2', port: 80, percent: 12.5 },
            ],
            cors: {
              allowOrigins: ['https://a.example'],
              allowMethods: [],
              allowHeaders: [],
              exposeHeaders: [],
              allowCredentials: true,
              maxAge: 5_000,
            },
            timeout: 10_000,
            retries: { attempts: 3, statuses: [500, 503], perTryTimeout: 2_000, backoff: { base: 100, max: 1_000 } },
          },
          {
            matches: [{ path: { kind: 'exact', path: '/c' }, headers: [], query: [] }],
            action: { kind: 'redirect', scheme: 'https', port: 8443, status: 302 },
          },
          { matches: [], action: forward() },
        ],
      },
    ]);
  });

  it.each([
    [
      [1, 1, 1],
      [33.3334, 33.3333, 33.3333],
    ],
    [
      [9, 1],
      [90, 10],
    ],
    [
      [999_999, 1],
      [99.9999, 0.0001],
    ],
    [
      [1, 0],
      [100, 0],
    ],
    [
      [2, 5],
      [28.5714, 71.4286],
    ],
  ])('has weights %j, which are %j percent', (weights, percentages) => {
    const references = weights.map(
      (weight, index) => `{ name: reviews-v${(index % 2) + 1}, port: 80, weight: ${weight} }`,
    );
    const [route] = routes(httpRoute(`    - backendRefs: [${references.join(', ')}]`));
    const action = route?.kind === 'http' ? route.rules[0]?.action : undefined;
    expect(action?.kind === 'forward' ? action.backends.map(({ weight }) => weight) : undefined).toEqual(percentages);
  });

  it('answers 500 where it says nothing of where requests go', () => {
    const [route] = routes(httpRoute('    - matches: [{ path: { value: /gone } }]'));
    expect(route).toEqual({
      ...base,
      rules: [
        {
          matches: [{ path: { kind: 'prefix', path: '/gone' }, headers: [], query: [] }],
          action: { kind: 'respond', status: 500 },
        },
      ],
    });
  });

  it('has a limit for each try alone: what the mesh tries again stays', () => {
    const [route] = routes(
      httpRoute(`
    - backendRefs: [{ name: reviews, port: 80 }]
      timeouts: { backendRequest: 250ms }`),
    );
    const { retries } = mesh.mesh.defaults;
    expect(route).toEqual({
      ...base,
      rules: [{ matches: [], action: forward(), retries: { ...retries, perTryTimeout: 250 } }],
    });
  });

  it('replaces the prefix that it matched, be it the root', () => {
    const [route] = routes(
      httpRoute(`
    - matches: [{ path: { value: / }, method: GET }]
      filters:
        - type: URLRewrite
          urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /v2 } }
      backendRefs: [{ name: reviews, port: 80 }]`),
    );
    expect(route).toEqual({
      ...base,
      rules: [
        {
          matches: [{ path: { kind: 'prefix', path: '/' }, method: 'GET', headers: [], query: [] }],
          action: forward(),
          rewrite: { path: { kind: 'prefix', value: '/v2' } },
        },
      ],
    });
  });

  it('keeps sessions, as the experimental channel says it', () => {
    const [route] = routes(
      httpRoute(`
    - backendRefs: [{ name: reviews, port: 80 }]
      sessionPersistence: { absoluteTimeout: 1h, cookie: { name: basket, lifetimeType: Permanent } }
    - matches: [{ path: { value: /h } }]
      backendRefs: [{ name: reviews, port: 80 }]
      sessionPersistence: { type: Header, header: { name: x-session } }`),
    );
    const affinities = route?.kind === 'http' ? route.rules.map((rule) => rule.sessionAffinity) : [];
    expect(affinities).toEqual([
      { kind: 'cookie', name: 'basket', ttl: 3_600_000 },
      { kind: 'header', name: 'x-session' },
    ]);
  });

  it('refers to several RouteFilters, each with something of its own', () => {
    const text = `${httpRoute(`
    - filters:
        - { type: ExtensionRef, extensionRef: { group: meshwright.dev, kind: RouteFilter, name: slow } }
        - { type: ExtensionRef, extensionRef: { group: meshwright.dev, kind: RouteFilter, name: retried } }
      backendRefs: [{ name: reviews, port: 80 }]
      retry: { attempts: 2 }`)}---
apiVersion: meshwright.dev/v1alpha1
kind: RouteFilter
metadata: { name: slow, namespace: shop }
spec: { fault: { delay: { duration: 1s, percent: 50 } } }
---
apiVersion: meshwright.dev/v1alpha1
kind: RouteFilter
metadata: { name: retried, namespace: shop }
spec: { retries: { conditions: [5xx], backoff: { max: 5s } } }
`;
    expect(routes(text)).toEqual([
      {
        ...base,
        rules: [
          {
            matches: [],
            action: forward(),
            fault: { delay: { duration: 1_000, percent: 50 } },
            retries: { attempts: 2, on: ['5xx'], backoff: { base: 25, max: 5_000 } },
          },
        ],
      },
    ]);
  });
});

describe('parents of a hand-written route', () => {
  const parentsOf = (references: string) => {
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: by-hand, namespace: shop }
spec:
  parentRefs: [${references}]
  rules: [{ backendRefs: [{ name: ratings, port: 80 }] }]
`;
    const { model, problems } = read(text);
    return problems.length > 0 ? problems.map(({ path, message }) => `${path}: ${message}`) : model?.routes[0]?.parents;
  };
  const at = (port: number) => ({ kind: 'service', namespace: 'shop', name: 'reviews', port });
  const through = (listener?: string) => ({
    kind: 'gateway',
    namespace: 'shop',
    name: 'public',
    ...(listener ? { listener } : {}),
  });

  it.each([
    ["{ group: '', kind: Service, name: reviews }", [at(80), at(9000)]],
    ["{ group: '', kind: Service, name: reviews, sectionName: admin }", [at(9000)]],
    ["{ group: '', kind: Service, name: reviews, sectionName: admin, port: 9000 }", [at(9000)]],
    ['{ name: public }', [through()]],
    ['{ name: public, sectionName: alt }', [through('alt')]],
    ['{ name: public, port: 8080 }', [through('alt')]],
    [
      "{ name: public, sectionName: http }, { group: '', kind: Service, name: reviews, port: 80 }",
      [through('http'), at(80)],
    ],
    // Somebody else's gateway beside ours.
    ['{ name: other }, { name: public }', [through()]],
    [
      "{ group: '', kind: Service, name: reviews, sectionName: nope }",
      [
        'spec.parentRefs[0]: service shop/reviews has no port named "nope"; its ports are: http (80, http), admin (9000, http)',
      ],
    ],
    [
      "{ group: '', kind: Service, name: ratings }",
      ['spec.parentRefs[0]: service shop/ratings has no port for an HTTPRoute; its ports are: grpc (80, grpc)'],
    ],
    [
      "{ group: '', kind: Service, name: reviews-v1 }",
      ['spec.parentRefs[0]: shop/reviews-v1 is version v1 of service shop/reviews; routes belong to the service'],
    ],
    ['{ name: public, port: 81 }', ['spec.parentRefs[0].port: gateway shop/public has no listener on port 81']],
  ])('%s', (references, expected) => {
    expect(parentsOf(references)).toEqual(expected);
  });

  it('make a route ours: one without a parent of ours is passed over, whatever it says', () => {
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: foreign, namespace: shop }
spec:
  parentRefs: [{ name: other }, { group: '', kind: Service, name: unmeshed, port: 80 }]
  rules: [{ filters: [{ type: ExtensionRef, extensionRef: { group: other.example, kind: Magic, name: m } }] }]
`;
    expect(routes(text)).toEqual([]);
  });
});

describe('what a hand-written route says and the mesh cannot do', () => {
  const problemsOf = (text: string) => {
    const { model, problems } = read(text);
    expect(model?.routes).toEqual([]);
    return problems.map(({ object, path, message }) => `${object}: ${path}: ${message}`);
  };
  const rule = (more: string) =>
    httpRoute(`
    - backendRefs: [{ name: reviews, port: 80 }]
      ${more}`);

  it.each([
    [
      'a backend that is not in the mesh',
      httpRoute('    - backendRefs: [{ name: nobody, port: 80 }]'),
      'backendRefs[0]: Service shop/nobody is not in the mesh',
    ],
    [
      'a backend of another kind',
      httpRoute('    - backendRefs: [{ group: other.example, kind: Bucket, name: b, port: 80 }]'),
      'backendRefs[0]: must be a Service, got {"group":"other.example","kind":"Bucket"}',
    ],
    [
      'a backend of another namespace without leave',
      httpRoute('    - backendRefs: [{ name: database, namespace: data, port: 5432 }]'),
      'backendRefs[0]: no ReferenceGrant in namespace data lets HTTPRoutes of namespace shop refer to Service database',
    ],
    [
      'no weight at all',
      httpRoute('    - backendRefs: [{ name: reviews-v1, port: 80, weight: 0 }]'),
      'backendRefs: all weights are 0, so requests go nowhere; give one of them a weight',
    ],
    [
      'a filter of one backend',
      httpRoute(
        '    - backendRefs: [{ name: reviews, port: 80, filters: [{ type: URLRewrite, urlRewrite: { hostname: a } }] }]',
      ),
      'backendRefs[0].filters[0].type: "URLRewrite" is not supported on a backend',
    ],
    [
      'an extension of somebody else',
      rule('filters: [{ type: ExtensionRef, extensionRef: { group: other.example, kind: Magic, name: m } }]'),
      'filters[0].extensionRef: must refer to a RouteFilter of meshwright.dev, got {"group":"other.example","kind":"Magic"}',
    ],
    [
      'a RouteFilter that is not there',
      rule('filters: [{ type: ExtensionRef, extensionRef: { group: meshwright.dev, kind: RouteFilter, name: gone } }]'),
      'filters[0].extensionRef: there is no RouteFilter shop/gone',
    ],
    [
      'a session that ends before the browser is closed',
      rule('sessionPersistence: { absoluteTimeout: 1h, cookie: { name: a } }'),
      'sessionPersistence.absoluteTimeout: is not supported for a cookie that ends with the browser; let its lifetimeType be Permanent',
    ],
    [
      'a cookie without a name',
      rule('sessionPersistence: { cookie: {} }'),
      'sessionPersistence.cookie.name: is missing',
    ],
    [
      'a cookie of a path',
      rule('sessionPersistence: { cookie: { name: a, path: /b } }'),
      'sessionPersistence.cookie.path: must be "/", got "/b"',
    ],
    [
      'authorization by a filter',
      rule(
        'filters: [{ type: ExternalAuth, externalAuth: { protocol: HTTP, backendRef: { name: ratings, port: 80 }, http: {} } }]',
      ),
      'filters[0].type: "ExternalAuth" is not supported',
    ],
  ])('%s', (_, text, message) => {
    expect(problemsOf(text)).toEqual([`HTTPRoute shop/by-hand: spec.rules[0].${message}`]);
  });

  it('is said all at once', () => {
    const text = httpRoute(`
    - backendRefs: [{ name: nobody, port: 80 }, { name: noone, port: 80 }]
    - filters: [{ type: ExtensionRef, extensionRef: { group: meshwright.dev, kind: RouteFilter, name: gone } }]`);
    expect(problemsOf(text)).toEqual([
      'HTTPRoute shop/by-hand: spec.rules[0].backendRefs[0]: Service shop/nobody is not in the mesh',
      'HTTPRoute shop/by-hand: spec.rules[0].backendRefs[1]: Service shop/noone is not in the mesh',
      'HTTPRoute shop/by-hand: spec.rules[1].filters[0].extensionRef: there is no RouteFilter shop/gone',
    ]);
  });

  it('is a regular expression over the names of gRPC', () => {
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: by-hand, namespace: shop }
spec:
  parentRefs: [{ group: '', kind: Service, name: ratings }]
  rules:
    - matches: [{ method: { type: RegularExpression, service: 'shop\\..*' } }]
`;
    expect(problemsOf(text)).toEqual([
      'GRPCRoute shop/by-hand: spec.rules[0].backendRefs: are missing: requests go nowhere',
      'GRPCRoute shop/by-hand: spec.rules[0].matches[0].method.type: "RegularExpression" is not supported; services and methods are compared exactly',
    ]);
  });

  it('is a kind that is not served', () => {
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: UDPRoute
metadata: { name: udp, namespace: shop }
spec:
  parentRefs: [{ name: public }]
  rules: [{ backendRefs: [{ name: reviews, port: 80 }] }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: tls, namespace: shop }
spec:
  targetRefs: [{ group: '', kind: Service, name: reviews }]
  validation: { hostname: reviews.example, wellKnownCACertificates: System }
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: foreign, namespace: shop }
spec:
  targetRefs: [{ group: '', kind: Service, name: unmeshed }]
  validation: { hostname: reviews.example, wellKnownCACertificates: System }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: more, namespace: shop }
spec:
  parentRef: { name: public }
  listeners: [{ name: a, port: 81, protocol: HTTP }]
`;
    expect(problemsOf(text)).toEqual([
      'BackendTLSPolicy shop/tls: : is not supported: inside the mesh mutual TLS is made anyway, and of a host outside an ExternalService says it',
      'ListenerSet shop/more: : is not supported: a gateway has its own listeners alone',
      'UDPRoute shop/udp: : is not supported: UDP is not proxied',
    ]);
  });

  it('is not a backend of another namespace with leave', () => {
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: by-hand, namespace: shop }
spec:
  parentRefs: [{ group: '', kind: Service, name: database, namespace: data }]
  rules: [{ backendRefs: [{ name: database, namespace: data, port: 5432, weight: 7 }] }]
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: all, namespace: data }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: TCPRoute, namespace: shop }]
  to: [{ group: '', kind: Service }]
`;
    expect(routes(text)).toEqual([
      {
        kind: 'tcp',
        namespace: 'shop',
        name: 'by-hand',
        parents: [{ kind: 'service', namespace: 'data', name: 'database', port: 5432 }],
        backends: [{ service: make.ref(database), port: 5432, weight: 100 }],
      },
    ]);
  });
});

describe('a hand-written Gateway', () => {
  const gateway = (listener: string, more = '') => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: mine, namespace: shop }
spec:
  gatewayClassName: meshwright
  listeners: [${listener}]
  ${more}
`;
  const gatewayOf = (decoded: Decoded): Model['gateways'][number] | undefined =>
    decoded.model?.gateways.find(({ name }) => name === 'mine');

  it('takes the defaults of the mesh', () => {
    const decoded = read(gateway('{ name: web, port: 80, protocol: HTTP }'));
    expect(decoded.problems).toEqual([]);
    expect(gatewayOf(decoded)).toEqual({
      namespace: 'shop',
      name: 'mine',
      listeners: [{ name: 'web', port: 80, protocol: 'http', routesFrom: [] }],
      service: { type: 'LoadBalancer', annotations: {} },
      replicas: 2,
    });
  });

  it.each([
    ['{ from: All }', ['data', 'shop']],
    ['{ from: Selector, selector: { matchLabels: { team: shop } } }', ['blue', 'green']],
    [
      '{ from: Selector, selector: { matchExpressions: [{ key: team, operator: NotIn, values: [shop] }] } }',
      ['data', 'shop'],
    ],
    [
      '{ from: Selector, selector: { matchExpressions: [{ key: kubernetes.io/metadata.name, operator: In, values: [data] }] } }',
      ['data'],
    ],
  ])('admits routes from namespaces %s', (namespaces, expected) => {
    const text = gateway(`{ name: web, port: 80, protocol: HTTP, allowedRoutes: { namespaces: ${namespaces} } }`);
    const labelled = ['blue', 'green'].map(
      (name) => `
apiVersion: v1
kind: Namespace
metadata: { name: ${name}, labels: { team: shop } }
`,
    );
    const decoded = read([text, ...(namespaces.includes('team') ? labelled : [])].join('---'));
    expect(decoded.problems).toEqual([]);
    expect(gatewayOf(decoded)?.listeners[0]?.routesFrom).toEqual(expected);
  });

  it.each([
    [
      '{ name: web, port: 53, protocol: UDP }',
      'listeners[0].protocol: must be one of HTTP, HTTPS, TLS, TCP, got "UDP"',
    ],
    [
      '{ name: web, port: 443, protocol: TLS, tls: { mode: Terminate, certificateRefs: [{ name: a }] } }',
      'listeners[0].tls.mode: "Terminate" is not supported for TLS: it is passed through by server name; to end TLS here, listen for HTTPS',
    ],
    [
      '{ name: web, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: a }, { name: b }] } }',
      'listeners[0].tls.certificateRefs: must have exactly one certificate, got 2',
    ],
    [
      '{ name: web, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: a, namespace: data }] } }',
      'listeners[0].tls.certificateRefs[0].namespace: must be the namespace of the gateway, shop, got "data"',
    ],
    [
      '{ name: web, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: a }], options: { other.example/cipher: x } } }',
      'listeners[0].tls.options.other.example/cipher: is not supported',
    ],
    [
      '{ name: web, port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: HTTPRoute }] } }',
      'listeners[0].allowedRoutes.kinds: must be GRPCRoute and HTTPRoute, which the protocol of the listener means anyway, got HTTPRoute',
    ],
  ])('with %s', (listener, message) => {
    const decoded = read(gateway(listener));
    expect(decoded.problems).toEqual([
      {
        object: 'Gateway shop/mine',
        path: `spec.${message.slice(0, message.indexOf(': '))}`,
        message: message.slice(message.indexOf(': ') + 2),
      },
    ]);
    expect(gatewayOf(decoded)).toBeUndefined();
  });

  it('with addresses, parameters of somebody else and listener sets', () => {
    const more = `addresses: [{ value: 192.0.2.7 }]
  allowedListeners: { namespaces: { from: All } }
  infrastructure: { labels: { a: b }, parametersRef: { group: '', kind: ConfigMap, name: a } }`;
    const { problems } = read(gateway('{ name: web, port: 80, protocol: HTTP }', more));
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'spec.addresses: is not supported',
      'spec.allowedListeners.namespaces.from: "All" is not supported: a gateway has its own listeners alone',
      'spec.infrastructure.labels: is not supported',
      'spec.infrastructure.parametersRef: must refer to GatewayParameters of meshwright.dev, got {"group":"","kind":"ConfigMap","name":"a"}',
    ]);
  });

  it('of another class is somebody else’s', () => {
    const text = gateway('{ name: web, port: 53, protocol: UDP }').replace(
      'gatewayClassName: meshwright',
      'gatewayClassName: other',
    );
    const decoded = read(text);
    expect(decoded.problems).toEqual([]);
    expect(gatewayOf(decoded)).toBeUndefined();
  });
});
