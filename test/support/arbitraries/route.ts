import fc from 'fast-check';
import type {
  Backend,
  Cors,
  Fault,
  GlobalRateLimit,
  GrpcRoute,
  GrpcRule,
  HeaderChanges,
  HttpAction,
  HttpMatch,
  HttpRoute,
  HttpRule,
  Identity,
  Mirror,
  Protocol,
  RateLimit,
  RateLimitDescriptor,
  RedirectAction,
  RespondAction,
  Rewrite,
  Route,
  RouteParent,
  RuleActions,
  Service,
  SessionAffinity,
  TcpRoute,
  TlsRoute,
} from '../../../lib/model';
import { grpcMatch, httpMatch, retries } from './traffic';
import {
  anyHost,
  duration,
  few,
  host,
  kind,
  maybe,
  name,
  path,
  percent,
  port,
  prose,
  recordOf,
  regex,
  some,
  span,
  token,
  words,
} from './values';

/** What routes can be attached to and lead to. */
export interface Surroundings {
  readonly namespaces: readonly string[];
  readonly services: readonly Service[];
  readonly callers: readonly Identity[];
  /** Listeners of gateways. */
  readonly listeners: readonly {
    readonly gateway: { readonly namespace: string; readonly name: string };
    readonly name: string;
    readonly protocol: string;
  }[];
}

const kinds: {
  readonly [kind in Route['kind']]: { readonly ports: readonly Protocol[]; readonly listeners: readonly string[] };
} = {
  http: { ports: ['http', 'http2', 'grpc'], listeners: ['http', 'https'] },
  grpc: { ports: ['grpc'], listeners: ['http', 'https'] },
  tls: { ports: ['tls'], listeners: ['tls'] },
  tcp: { ports: ['tcp', 'tls'], listeners: ['tcp'] },
};

/** Routes of every kind for which there is something to be attached to and somewhere to lead. */
export function routes(around: Surroundings): fc.Arbitrary<Route[]> {
  const possible = (Object.keys(kinds) as Route['kind'][]).filter(
    (each) => parentChoices(each, around).length > 0 && endpoints(each, around).length > 0,
  );
  if (possible.length === 0) return fc.constant([]);
  return fc.uniqueArray(
    fc.constantFrom(...possible).chain((each) => route(each, around)),
    { maxLength: 3, selector: (one) => `${one.namespace}/${one.name}` },
  );
}

function route(of: Route['kind'], around: Surroundings): fc.Arbitrary<Route> {
  return parents(of, around).chain((attached): fc.Arbitrary<Route> => {
    const base = { namespace: fc.constantFrom(...around.namespaces), name, parents: fc.constant(attached) };
    switch (of) {
      case 'http':
        return recordOf<HttpRoute>({
          ...base,
          kind: kind('http'),
          hostnames: few(anyHost),
          rules: rules(httpRule(around, attached)),
        });
      case 'grpc':
        return recordOf<GrpcRoute>({
          ...base,
          kind: kind('grpc'),
          hostnames: few(anyHost),
          rules: rules(grpcRule(around)),
        });
      case 'tls':
        return recordOf<TlsRoute>({
          ...base,
          kind: kind('tls'),
          hostnames: few(anyHost),
          backends: backends('tls', around, 1, false),
        });
      case 'tcp':
        return recordOf<TcpRoute>({ ...base, kind: kind('tcp'), backends: backends('tcp', around, 1, false) });
    }
  });
}

const rules = <T>(rule: fc.Arbitrary<T>) => fc.array(rule, { minLength: 1, maxLength: 3 });

function parentChoices(of: Route['kind'], { services, listeners }: Surroundings): readonly RouteParent[] {
  return [
    ...services.flatMap(({ namespace, name, ports }) =>
      ports
        .filter(({ protocol }) => kinds[of].ports.includes(protocol))
        .map((one): RouteParent => ({ kind: 'service', namespace, name, port: one.port })),
    ),
    ...listeners
      .filter(({ protocol }) => kinds[of].listeners.includes(protocol))
      .map(({ gateway, name: listener }): RouteParent => ({ kind: 'gateway', ...gateway, listener })),
  ];
}

/** Up to three; now and then a gateway as a whole, which then is not there a second time. */
function parents(of: Route['kind'], around: Surroundings): fc.Arbitrary<RouteParent[]> {
  const choices = parentChoices(of, around);
  return fc
    .tuple(fc.shuffledSubarray([...choices], { minLength: 1, maxLength: Math.min(3, choices.length) }), fc.boolean())
    .map(([chosen, whole]) => {
      const [first] = chosen;
      if (!whole || first?.kind !== 'gateway') return chosen;
      const { listener: _, ...gateway } = first;
      const isSame = (one: RouteParent) =>
        one.kind === 'gateway' && one.namespace === gateway.namespace && one.name === gateway.name;
      return [gateway, ...chosen.filter((one) => !isSame(one))];
    });
}

function endpoints(
  of: Route['kind'],
  { services }: Surroundings,
): readonly Pick<Backend, 'service' | 'version' | 'port'>[] {
  return services.flatMap(({ namespace, name, ports, versions }) =>
    ports
      .filter(({ protocol }) => kinds[of].ports.includes(protocol))
      .flatMap((one) => [
        { service: { namespace, name }, port: one.port },
        ...versions.map((version) => ({ service: { namespace, name }, version: version.name, port: one.port })),
      ]),
  );
}

/** Weights that sum to 100: whole percentages, or hundredths of one. */
function backends(
  of: Route['kind'],
  around: Surroundings,
  minLength: number,
  headers: boolean,
): fc.Arbitrary<Backend[]> {
  const choices = endpoints(of, around);
  const backend = fc.constantFrom(...choices).chain((endpoint) =>
    recordOf<Backend>({
      service: fc.constant(endpoint.service),
      version: fc.constant(endpoint.version),
      port: fc.constant(endpoint.port),
      weight: fc.constant(0),
      requestHeaders: headers ? maybe(headerChanges) : fc.constant(undefined),
      responseHeaders: headers ? maybe(headerChanges) : fc.constant(undefined),
    }),
  );
  return fc
    .tuple(fc.array(backend, { minLength, maxLength: 3 }), fc.constantFrom(1, 100), fc.nat(), fc.nat())
    .map(([all, parts, one, other]) => {
      const whole = 100 * parts;
      const [low, high] = [one % (whole + 1), other % (whole + 1)].sort((a, b) => a - b) as [number, number];
      const shares = [[whole], [low, whole - low], [low, high - low, whole - high]][all.length - 1] ?? [];
      return all.map((each, index) => ({ ...each, weight: (shares[index] ?? 0) / parts }));
    });
}

const headerValues = fc.uniqueArray(recordOf<HeaderChanges['set'][number]>({ name: token, value: prose }), {
  maxLength: 2,
  selector: (value) => value.name,
});

const headerChanges: fc.Arbitrary<HeaderChanges> = recordOf<HeaderChanges>({
  set: headerValues,
  add: headerValues,
  remove: few(token, 2),
});

const replacement = <K extends string>(of: K) => recordOf<{ kind: K; value: string }>({ kind: kind(of), value: path });

const regexRewrite = recordOf<Extract<NonNullable<Rewrite['path']>, { kind: 'regex' }>>({
  kind: kind('regex'),
  pattern: regex,
  substitution: words('\\1', '/x/\\1', ''),
});

/** What replaces a prefix needs the one prefix that was matched. */
const rewrite = (prefixed: boolean): fc.Arbitrary<Rewrite> =>
  recordOf<Rewrite>({
    path: maybe(fc.oneof(replacement('full'), regexRewrite, ...(prefixed ? [replacement('prefix')] : []))),
    host: maybe(
      fc.oneof(
        host,
        host.map((one) => `${one}:8443`),
      ),
    ),
  });

const redirect = (prefixed: boolean): fc.Arbitrary<RedirectAction> =>
  recordOf<RedirectAction>({
    kind: kind('redirect'),
    scheme: maybe(words('http', 'https')),
    host: maybe(host),
    port: maybe(port),
    path: maybe(fc.oneof(replacement('full'), ...(prefixed ? [replacement('prefix')] : []))),
    status: fc.constantFrom(301, 302, 303, 307, 308),
  });

const respond = recordOf<RespondAction>({
  kind: kind('respond'),
  status: fc.integer({ min: 200, max: 599 }),
  body: maybe(prose),
});

const origin = fc
  .tuple(words('http', 'https'), anyHost, words('', ':8443'))
  .map(([scheme, one, end]) => `${scheme}://${one}${end}`);

const cors: fc.Arbitrary<Cors> = recordOf<Cors>({
  allowOrigins: fc.oneof(some(origin), fc.constant(['*'])),
  allowMethods: fc.oneof(few(words('GET', 'POST', 'DELETE')), fc.constant(['PURGE'])),
  allowHeaders: fc.oneof(few(token), fc.constant(['*']), fc.constant(['*', 'x-a'])),
  exposeHeaders: few(token),
  allowCredentials: fc.boolean(),
  maxAge: fc.constantFrom(0, 500, 1_000, 5_000, 86_400_000),
});

const sessionAffinity: fc.Arbitrary<SessionAffinity> = fc.oneof(
  recordOf<Extract<SessionAffinity, { kind: 'cookie' }>>({ kind: kind('cookie'), name: token, ttl: maybe(span) }),
  recordOf<Extract<SessionAffinity, { kind: 'header' }>>({ kind: kind('header'), name: token }),
);

const fault: fc.Arbitrary<Fault> = recordOf<Fault>({
  delay: maybe(recordOf<NonNullable<Fault['delay']>>({ duration: span, percent })),
  abort: maybe(
    recordOf<NonNullable<Fault['abort']>>({
      status: fc.oneof(
        recordOf<{ kind: 'http'; status: number }>({ kind: kind('http'), status: fc.integer({ min: 200, max: 599 }) }),
        recordOf<{ kind: 'grpc'; status: number }>({ kind: kind('grpc'), status: fc.integer({ min: 1, max: 16 }) }),
      ),
      percent,
    }),
  ),
});

const descriptor: fc.Arbitrary<RateLimitDescriptor> = fc.oneof(
  recordOf<Extract<RateLimitDescriptor, { kind: 'value' }>>({ kind: kind('value'), key: token, value: prose }),
  recordOf<Extract<RateLimitDescriptor, { kind: 'header' }>>({ kind: kind('header'), key: token, header: token }),
  recordOf<Extract<RateLimitDescriptor, { kind: 'sourceAddress' }>>({ kind: kind('sourceAddress') }),
  recordOf<Extract<RateLimitDescriptor, { kind: 'sourceIdentity' }>>({ kind: kind('sourceIdentity') }),
);

const rateLimit = ({ services }: Surroundings): fc.Arbitrary<RateLimit> =>
  recordOf<RateLimit>({
    local: maybe(
      recordOf<NonNullable<RateLimit['local']>>({
        requests: fc.integer({ min: 1, max: 4_294_967_295 }),
        per: span,
        burst: maybe(fc.nat(100)),
      }),
    ),
    global: maybe(
      recordOf<GlobalRateLimit>({
        service: fc.constantFrom(...services).map(({ namespace, name }) => ({ namespace, name })),
        port,
        domain: token,
        descriptors: some(descriptor, 2),
        onFailure: words('allow', 'deny'),
      }),
    ),
  });

/** What a rule of either kind may do; a request that is not sent on is neither copied nor rewritten. */
function actions(
  of: 'http' | 'grpc',
  around: Surroundings,
  { kind: action }: HttpAction,
  prefixed: boolean,
): fc.Arbitrary<RuleActions> {
  const forwards = action === 'forward';
  const mirror = fc.constantFrom(...endpoints(of, around)).chain((endpoint) =>
    recordOf<Mirror>({
      service: fc.constant(endpoint.service),
      version: fc.constant(endpoint.version),
      port: fc.constant(endpoint.port),
      percent,
    }),
  );
  return recordOf<RuleActions>({
    from: maybe(few(fc.constantFrom(...around.callers))),
    rewrite: forwards
      ? maybe(
          of === 'http' ? rewrite(prefixed) : recordOf<Rewrite>({ path: fc.constant(undefined), host: maybe(host) }),
        )
      : fc.constant(undefined),
    requestHeaders: maybe(headerChanges),
    responseHeaders: maybe(headerChanges),
    mirrors: forwards ? maybe(some(mirror, 2)) : fc.constant(undefined),
    cors: maybe(cors),
    timeout: maybe(duration),
    retries: maybe(retries),
    sessionAffinity: maybe(sessionAffinity),
    fault: maybe(fault),
    rateLimit: maybe(rateLimit(around)),
  }).map((all) => {
    // A try cannot last longer than the whole.
    const { timeout, retries: again } = all;
    if (!timeout || !again?.perTryTimeout || again.perTryTimeout <= timeout) return all;
    return { ...all, retries: { ...again, perTryTimeout: timeout } };
  });
}

function httpRule(around: Surroundings, attached: readonly RouteParent[]): fc.Arbitrary<HttpRule> {
  const [parent] = attached;
  const own =
    attached.length === 1 && parent?.kind === 'service'
      ? [{ service: { namespace: parent.namespace, name: parent.name }, port: parent.port, weight: 100 }]
      : [];
  const forward = fc
    .oneof(backends('http', around, 0, true), fc.constant<Backend[]>(own))
    .map((all): HttpAction => ({ kind: 'forward', backends: all }));
  return few(httpMatch, 2)
    .map((matches) => (matches.length === 1 && matches.every(isEverything) ? [] : matches))
    .chain((matches) => {
      const prefixed = matches.length === 0 || (matches.length === 1 && matches[0]?.path?.kind === 'prefix');
      return fc
        .oneof(
          { weight: 3, arbitrary: forward },
          { weight: 1, arbitrary: redirect(prefixed) },
          { weight: 1, arbitrary: respond },
        )
        .chain((action) =>
          actions('http', around, action, prefixed).map((rest): HttpRule => ({ ...rest, matches, action })),
        );
    });
}

/** One match of everything is no match at all; the model says it by an empty list. */
function isEverything({ path: at, method, headers, query }: HttpMatch): boolean {
  return !at && !method && headers.length === 0 && query.length === 0;
}

function grpcRule(around: Surroundings): fc.Arbitrary<GrpcRule> {
  return fc.tuple(few(grpcMatch, 2), backends('grpc', around, 0, true)).chain(([matches, all]) => {
    const action = { kind: 'forward', backends: all } as const;
    return actions('grpc', around, action, false).map((rest): GrpcRule => ({ ...rest, matches, action }));
  });
}
