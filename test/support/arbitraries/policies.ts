import fc from 'fast-check';
import type {
  AccessPolicy,
  AccessRule,
  AccessSource,
  Canary,
  CanaryStrategy,
  ConnectionSettings,
  Edge,
  EnvBinding,
  ExternalAuthorization,
  Gate,
  HashKey,
  HealthCheck,
  Identity,
  JwtIssuer,
  JwtKeys,
  LoadBalancing,
  Locality,
  OutlierDetection,
  OutsidePort,
  OutsideSource,
  Ref,
  Service,
  ServiceTelemetry,
  SlowStart,
  TrafficPolicy,
} from '../../../lib/model';
import { telemetryParts } from './telemetry';
import { hedging, httpMatch, requestMatch, retries } from './traffic';
import {
  cidr,
  count,
  duration,
  envName,
  few,
  kind,
  maybe,
  name,
  path,
  percent,
  port,
  prose,
  recordOf,
  share,
  some,
  span,
  token,
  url,
  words,
} from './values';

/** What can be called, and at which ports. */
export interface Callable {
  readonly to: Edge['to'];
  readonly ports: readonly number[];
}

const binding = recordOf<EnvBinding>({ name: envName, value: words('host', 'port', 'address', 'url') });

export const edge = (callers: readonly Identity[], callables: readonly Callable[]): fc.Arbitrary<Edge> =>
  fc.constantFrom(...callables).chain(({ to, ports }) =>
    recordOf<Edge>({
      from: fc.constantFrom(...callers),
      to: fc.constant(to),
      port: fc.constantFrom(...ports),
      only: few(requestMatch, 2),
      timeout: maybe(duration),
      retries: maybe(retries),
      hedging: maybe(hedging),
      at: maybe(port),
      env: few(binding, 2),
    }),
  );

const source = (callers: readonly Identity[], namespace: fc.Arbitrary<string>): fc.Arbitrary<AccessSource> =>
  fc.oneof(
    fc.constantFrom(...callers).map((identity): AccessSource => ({ kind: 'identity', ...identity })),
    recordOf<Extract<AccessSource, { kind: 'namespace' }>>({ kind: kind('namespace'), namespace }),
    recordOf<Extract<AccessSource, { kind: 'address' }>>({ kind: kind('address'), cidr }),
    recordOf<Extract<AccessSource, { kind: 'outside' }>>({ kind: kind('outside'), namespace }),
  );

const claim = fc.stringMatching(/^[a-z]{1,4}(\.[a-z]{1,4})?$/);

const keys: fc.Arbitrary<JwtKeys> = fc.oneof(
  recordOf<Extract<JwtKeys, { kind: 'inline' }>>({ kind: kind('inline'), jwks: fc.constant('{"keys":[]}') }),
  recordOf<Extract<JwtKeys, { kind: 'remote' }>>({ kind: kind('remote'), uri: url, refresh: maybe(span) }),
);

const issuer: fc.Arbitrary<JwtIssuer> = recordOf<JwtIssuer>({
  issuer: url,
  audiences: few(prose),
  keys,
  from: maybe(recordOf<NonNullable<JwtIssuer['from']>>({ kind: words('header', 'query'), name: token })),
  forward: few(recordOf<JwtIssuer['forward'][number]>({ claim, header: token }), 2),
});

const outsidePort = (namespace: fc.Arbitrary<string>): fc.Arbitrary<OutsidePort> =>
  recordOf<OutsidePort>({
    port,
    protocol: words('tcp', 'udp'),
    from: few(
      fc.oneof(
        recordOf<Extract<OutsideSource, { kind: 'namespace' }>>({ kind: kind('namespace'), namespace }),
        recordOf<Extract<OutsideSource, { kind: 'address' }>>({ kind: kind('address'), cidr }),
        recordOf<Extract<OutsideSource, { kind: 'anyone' }>>({ kind: kind('anyone') }),
      ),
    ),
  });

export const accessPolicy = (
  targets: readonly Ref[],
  callers: readonly Identity[],
  asked: readonly Ref[],
  namespaces: readonly string[],
): fc.Arbitrary<AccessPolicy> => {
  const namespace = fc.constantFrom(...namespaces);
  const rule = recordOf<AccessRule>({
    action: words('allow', 'deny'),
    shadow: fc.boolean(),
    from: few(source(callers, namespace)),
    ports: few(port),
    requests: few(requestMatch, 2),
    claims: few(recordOf<AccessRule['claims'][number]>({ claim, values: some(prose) }), 2),
  });
  const externalAuthorization: fc.Arbitrary<ExternalAuthorization> = recordOf<ExternalAuthorization>({
    service: fc.constantFrom(...asked),
    port,
    protocol: words('grpc', 'http'),
    timeout: span,
    onFailure: words('allow', 'deny'),
    requests: few(requestMatch, 2),
    headers: few(token),
  });
  return fc.constantFrom(...targets).chain((target) =>
    recordOf<AccessPolicy>({
      namespace: fc.constant(target.namespace),
      name,
      service: fc.constant(target.name),
      origin: words('edges', 'declared'),
      rules: few(rule),
      jwt: few(issuer, 2),
      externalAuthorization: maybe(externalAuthorization),
      outsidePorts: few(outsidePort(namespace), 2),
    }),
  );
};

const slowStart = recordOf<SlowStart>({ window: span, minimumPercent: maybe(percent) });

const hashKey: fc.Arbitrary<HashKey> = fc.oneof(
  recordOf<Extract<HashKey, { kind: 'header' }>>({ kind: kind('header'), name: token }),
  recordOf<Extract<HashKey, { kind: 'cookie' }>>({
    kind: kind('cookie'),
    name: token,
    path: maybe(path),
    ttl: maybe(duration),
  }),
  recordOf<Extract<HashKey, { kind: 'sourceAddress' }>>({ kind: kind('sourceAddress') }),
  recordOf<Extract<HashKey, { kind: 'queryParameter' }>>({ kind: kind('queryParameter'), name: token }),
);

const loadBalancing: fc.Arbitrary<LoadBalancing> = fc.oneof(
  recordOf<Extract<LoadBalancing, { kind: 'roundRobin' }>>({ kind: kind('roundRobin'), slowStart: maybe(slowStart) }),
  recordOf<Extract<LoadBalancing, { kind: 'leastRequest' }>>({
    kind: kind('leastRequest'),
    choices: maybe(fc.integer({ min: 2, max: 10 })),
    slowStart: maybe(slowStart),
  }),
  recordOf<Extract<LoadBalancing, { kind: 'random' }>>({ kind: kind('random') }),
  recordOf<Extract<LoadBalancing, { kind: 'ringHash' }>>({
    kind: kind('ringHash'),
    by: some(hashKey, 2),
    minimumRingSize: maybe(count),
  }),
  recordOf<Extract<LoadBalancing, { kind: 'maglev' }>>({
    kind: kind('maglev'),
    by: some(hashKey, 2),
    tableSize: maybe(fc.constantFrom(5_003, 65_537)),
  }),
);

const locality = recordOf<Locality>({
  prefer: words('zone', 'region', 'none'),
  failover: maybe(few(recordOf<NonNullable<Locality['failover']>[number]>({ from: name, to: few(name) }), 2)),
  minHealthyPercent: maybe(share),
});

const outlierDetection = recordOf<OutlierDetection>({
  enabled: maybe(fc.boolean()),
  consecutive5xx: maybe(count),
  consecutiveGatewayErrors: maybe(count),
  consecutiveLocalOriginFailures: maybe(count),
  interval: maybe(span),
  baseEjectionTime: maybe(span),
  maxEjectionPercent: maybe(percent),
  successRate: maybe(
    recordOf<NonNullable<OutlierDetection['successRate']>>({
      standardDeviations: share,
      minimumHosts: count,
      minimumRequests: count,
    }),
  ),
});

const timing = { interval: span, timeout: span, unhealthyThreshold: count, healthyThreshold: count };

const healthCheck: fc.Arbitrary<HealthCheck> = fc.oneof(
  recordOf<Extract<HealthCheck, { kind: 'http' }>>({
    ...timing,
    kind: kind('http'),
    path,
    statuses: maybe(some(fc.integer({ min: 100, max: 599 }))),
  }),
  recordOf<Extract<HealthCheck, { kind: 'grpc' }>>({ ...timing, kind: kind('grpc'), service: maybe(token) }),
  recordOf<Extract<HealthCheck, { kind: 'tcp' }>>({ ...timing, kind: kind('tcp') }),
);

const connection = recordOf<ConnectionSettings>({
  timeout: maybe(span),
  idleTimeout: maybe(duration),
  maxDuration: maybe(span),
  tcpKeepAlive: maybe(
    recordOf<NonNullable<ConnectionSettings['tcpKeepAlive']>>({ probes: count, time: span, interval: span }),
  ),
  http2KeepAlive: maybe(recordOf<NonNullable<ConnectionSettings['http2KeepAlive']>>({ interval: span, timeout: span })),
});

export const trafficPolicy = (services: readonly Ref[]): fc.Arbitrary<TrafficPolicy> =>
  fc.constantFrom(...services).chain((service) =>
    recordOf<TrafficPolicy>({
      namespace: fc.constant(service.namespace),
      name,
      service: fc.constant(service.name),
      port: maybe(port),
      loadBalancing: maybe(loadBalancing),
      locality: maybe(locality),
      limits: maybe(
        recordOf<NonNullable<TrafficPolicy['limits']>>({
          maxConnections: maybe(count),
          maxPendingRequests: maybe(count),
          maxRequests: maybe(count),
          maxRequestsPerConnection: maybe(count),
        }),
      ),
      outlierDetection: maybe(outlierDetection),
      healthCheck: maybe(healthCheck),
      connection: maybe(connection),
    }),
  );

const mirror = maybe(
  recordOf<NonNullable<Extract<CanaryStrategy, { kind: 'weighted' }>['mirror']>>({ percent: share, duration: span }),
);

const strategy: fc.Arbitrary<CanaryStrategy> = fc.oneof(
  recordOf<Extract<CanaryStrategy, { kind: 'weighted' }>>({
    kind: kind('weighted'),
    steps: some(fc.integer({ min: 1, max: 99 })).map((steps) => steps.sort((a, b) => a - b)),
    interval: span,
    mirror,
    sticky: fc.boolean(),
  }),
  recordOf<Extract<CanaryStrategy, { kind: 'blueGreen' }>>({
    kind: kind('blueGreen'),
    interval: span,
    mirror,
    keepFor: duration,
  }),
  recordOf<Extract<CanaryStrategy, { kind: 'abTest' }>>({
    kind: kind('abTest'),
    matches: some(httpMatch, 2),
    interval: span,
  }),
);

const query = recordOf<Extract<Gate, { kind: 'query' }>>({
  kind: kind('query'),
  name: token,
  query: prose,
  atLeast: maybe(fc.integer({ min: -5, max: 5 })),
  atMost: maybe(fc.integer({ min: 5, max: 9 })),
}).map((gate) => (gate.atLeast === undefined && gate.atMost === undefined ? { ...gate, atMost: 0.25 } : gate));

const gate: fc.Arbitrary<Gate> = fc.oneof(
  recordOf<Extract<Gate, { kind: 'successRate' }>>({
    kind: kind('successRate'),
    atLeast: share,
    minimumRequests: count,
  }),
  recordOf<Extract<Gate, { kind: 'latency' }>>({
    kind: kind('latency'),
    quantile: fc.constantFrom(0.5, 0.99, 0.999),
    below: span,
    minimumRequests: count,
  }),
  query,
  recordOf<Extract<Gate, { kind: 'webhook' }>>({ kind: kind('webhook'), name: token, url, timeout: span }),
  recordOf<Extract<Gate, { kind: 'approval' }>>({ kind: kind('approval') }),
);

/** Of a service that has two versions at least. */
export const canary = (services: readonly Service[]): fc.Arbitrary<Canary> =>
  fc.constantFrom(...services).chain((service) =>
    fc
      .shuffledSubarray(
        service.versions.map((version) => version.name),
        { minLength: 2, maxLength: 2 },
      )
      .chain(([stable, candidate]) =>
        recordOf<Canary>({
          namespace: fc.constant(service.namespace),
          name,
          service: fc.constant(service.name),
          stable: fc.constant(stable ?? ''),
          candidate: fc.constant(candidate ?? ''),
          strategy,
          gates: few(gate),
          onFailure: recordOf<Canary['onFailure']>({
            action: words('rollback', 'pause'),
            after: fc.nat(5),
            scaleDown: fc.boolean(),
            notify: maybe(url),
          }),
          giveUpAfter: span,
          hooks: few(
            recordOf<Canary['hooks'][number]>({
              when: words('before', 'during', 'after', 'rollback'),
              name: token,
              url,
              timeout: span,
            }),
            2,
          ),
        }),
      ),
  );

export const serviceTelemetry = (services: readonly Ref[]): fc.Arbitrary<ServiceTelemetry> =>
  fc.constantFrom(...services).chain((service) =>
    recordOf<ServiceTelemetry>({
      namespace: fc.constant(service.namespace),
      name,
      service: fc.constant(service.name),
      ...telemetryParts,
    }),
  );
