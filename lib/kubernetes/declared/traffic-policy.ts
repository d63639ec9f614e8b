import type {
  ConnectionLimits,
  ConnectionSettings,
  HashKey,
  HealthCheck,
  HealthCheckTiming,
  LoadBalancing,
  Locality,
  Model,
  OutlierDetection,
  SlowStart,
  TrafficPolicy,
} from '../../model';
import type { Manifest } from '../manifest';
import type { Observed } from './observed';
import { decodeOwn, encodeOwn } from './own-kind';
import { serviceTarget } from './parts/target';
import {
  both,
  choice,
  count,
  duration,
  fields,
  flag,
  integer,
  list,
  nothing,
  oneOf,
  optional,
  percent,
  port,
  positive,
  required,
  type Shape,
  single,
  text,
  token,
  variant,
} from './shape';

type Balancing<K extends LoadBalancing['kind']> = Omit<Extract<LoadBalancing, { readonly kind: K }>, 'kind'>;
type Cookie = Omit<Extract<HashKey, { readonly kind: 'cookie' }>, 'kind'>;

/** Greatest number of Envoy's 32-bit settings. */
const unsigned = 4_294_967_295;

const slowStart: Shape<SlowStart> = fields<SlowStart>({
  window: required(duration, 'How long it takes until an instance has its full share.'),
  minimumPercent: optional(percent, 'Share at the start, in percent. Absent: 10.'),
});

const hashKey: Shape<HashKey> = oneOf<HashKey>({
  header: variant(single('name', token), 'Value of this header.'),
  cookie: variant(
    fields<Cookie>({
      name: required(token, 'Its name.'),
      path: optional(text({ maxLength: 1_024 }), 'Its path, when the proxy sets it.'),
      ttl: optional(duration, 'The proxy sets it for so long where a request lacks it. Absent: it is never set.'),
    }),
    'Value of a cookie.',
  ),
  sourceAddress: variant(nothing, 'Address of the caller.'),
  queryParameter: variant(single('name', token), 'Value of this query parameter.'),
});

const by = required(
  list(hashKey, { minItems: 1, maxItems: 16 }),
  'What requests are told apart by; those that agree in it go to the same instance.',
);

const loadBalancing: Shape<LoadBalancing> = oneOf<LoadBalancing>({
  roundRobin: variant(
    fields<Balancing<'roundRobin'>>({
      slowStart: optional(
        slowStart,
        'An instance that has just come is given its share little by little. Absent: at once.',
      ),
    }),
    'One after the other.',
  ),
  leastRequest: variant(
    fields<Balancing<'leastRequest'>>({
      choices: optional(
        integer({ minimum: 2, maximum: unsigned }),
        'Instances that are compared, picked at random. Absent: 2.',
      ),
      slowStart: optional(
        slowStart,
        'An instance that has just come is given its share little by little. Absent: at once.',
      ),
    }),
    'The one with the fewest requests in flight, of a few.',
  ),
  random: variant(nothing, 'Any.'),
  ringHash: variant(
    fields<Balancing<'ringHash'>>({
      by,
      minimumRingSize: optional(
        integer({ minimum: 1, maximum: 8_388_608 }),
        'Points of the ring at least. Absent: 1024.',
      ),
    }),
    'By a ring of hashes (Ketama): few requests move when an instance comes or goes.',
  ),
  maglev: variant(
    fields<Balancing<'maglev'>>({
      by,
      tableSize: optional(
        integer({ minimum: 2, maximum: 5_000_011 }),
        'Size of the table, a prime number. Absent: 65537.',
      ),
    }),
    'By a table of hashes (Maglev): faster than a ring, and more requests move when an instance comes or goes.',
  ),
});

const region = text({ maxLength: 63 });

const locality: Shape<Locality> = fields<Locality>({
  prefer: required(
    choice<Locality['prefer']>({ zone: 'Zone', region: 'Region', none: 'None' }),
    "Instances that come first: those of the caller's Zone, then of its region; those of its Region; or None before others.",
  ),
  failover: optional(
    list(
      fields<NonNullable<Locality['failover']>[number]>({
        from: required(region, 'Region of the caller.'),
        to: required(list(region, { maxItems: 16 }), 'Regions to fall back to, in order.'),
      }),
      { maxItems: 64 },
    ),
    'Regions to fall back to. Absent: any other.',
  ),
  minHealthyPercent: optional(
    percent,
    'Below this share of healthy instances traffic spills over to the next locality, in percent. Absent: 70.',
  ),
});

const limit = integer({ minimum: 1, maximum: unsigned });

const limits: Shape<ConnectionLimits> = fields<ConnectionLimits>({
  maxConnections: optional(limit, 'Absent: 1024.'),
  maxPendingRequests: optional(limit, 'Requests that wait for a connection. Absent: 1024.'),
  maxRequests: optional(limit, 'Requests in flight. Absent: 4096.'),
  maxRequestsPerConnection: optional(limit, 'A connection is closed after so many. Absent: never.'),
});

const outlierDetection: Shape<OutlierDetection> = fields<OutlierDetection>({
  enabled: optional(flag, 'Absent: true.'),
  consecutive5xx: optional(limit, 'Failures in a row: any 5xx. Absent: 5.'),
  consecutiveGatewayErrors: optional(limit, 'Failures in a row: 502, 503 and 504. Absent: 5.'),
  consecutiveLocalOriginFailures: optional(limit, 'Failures in a row to connect, or timeouts of the proxy. Absent: 5.'),
  interval: optional(duration, 'How often instances are looked at. Absent: 10s.'),
  baseEjectionTime: optional(duration, 'First ejection; each further one is longer. Absent: 30s.'),
  maxEjectionPercent: optional(percent, 'Share of the instances that may be ejected, in percent. Absent: 50.'),
  successRate: optional(
    fields<NonNullable<OutlierDetection['successRate']>>({
      standardDeviations: required(positive(100), 'How far below the mean.'),
      minimumHosts: required(limit, 'Instances with enough requests that are needed for a mean.'),
      minimumRequests: required(limit, 'Requests of an instance in an interval that are enough.'),
    }),
    'Ejects instances whose success rate lies this many standard deviations below the mean. Absent: off.',
  ),
});

type Distribute<T, K> = T extends unknown ? Omit<T, K & keyof T> : never;
type Probe = Distribute<HealthCheck, keyof HealthCheckTiming>;

const healthCheck: Shape<HealthCheck> = both(
  fields<HealthCheckTiming>({
    interval: required(duration, 'How often an instance is asked.'),
    timeout: required(duration, 'How long it has to answer.'),
    unhealthyThreshold: required(limit, 'Bad answers in a row after which it is left alone.'),
    healthyThreshold: required(limit, 'Good answers in a row after which it is used again.'),
  }),
  oneOf<Probe>({
    http: variant(
      fields<Omit<Extract<Probe, { readonly kind: 'http' }>, 'kind'>>({
        path: required(text({ maxLength: 1_024, pattern: '^/' }), 'What is asked for.'),
        statuses: optional(
          list(integer({ minimum: 100, maximum: 599 }), { minItems: 1, maxItems: 64, unique: true }),
          'Statuses of a good answer. Absent: 200.',
        ),
      }),
      'A GET.',
    ),
    grpc: variant(
      fields<Omit<Extract<Probe, { readonly kind: 'grpc' }>, 'kind'>>({
        service: optional(
          text({ minLength: 0, maxLength: 1_024 }),
          'Service that is asked about. Absent: the server as a whole.',
        ),
      }),
      "gRPC's health checking protocol.",
    ),
    tcp: variant(nothing, 'A connection.'),
  }),
);

const connection: Shape<ConnectionSettings> = fields<ConnectionSettings>({
  timeout: optional(duration, 'How long a connection may take to be made. Absent: 5s.'),
  idleTimeout: optional(duration, 'A connection without requests is closed after it. Absent: 1h. 0s: never.'),
  maxDuration: optional(duration, 'A connection is closed and made anew after it. Absent: never.'),
  tcpKeepAlive: optional(
    fields<NonNullable<ConnectionSettings['tcpKeepAlive']>>({
      probes: required(count, 'Probes without an answer after which a connection is dead.'),
      time: required(duration, 'Silence after which the first is sent, in whole seconds.'),
      interval: required(duration, 'Time between them, in whole seconds.'),
    }),
    "Absent: the kernel's.",
  ),
  http2KeepAlive: optional(
    fields<NonNullable<ConnectionSettings['http2KeepAlive']>>({
      interval: required(duration, 'Time between two PINGs.'),
      timeout: required(duration, 'How long an answer may take before the connection is closed.'),
    }),
    'Absent: none.',
  ),
});

export const trafficPolicySpec = fields<Omit<TrafficPolicy, 'namespace' | 'name'>>({
  service: required(serviceTarget, 'The Service that is called.', 'targetRefs'),
  port: optional(port, 'Only this port. Absent: all.'),
  loadBalancing: optional(loadBalancing, 'How requests are spread over instances. Absent: leastRequest.'),
  locality: optional(locality, "Which instances come first. Absent: those of the caller's zone."),
  limits: optional(limits, "What each caller's proxy may have open towards the service at one time (circuit breaker)."),
  outlierDetection: optional(
    outlierDetection,
    'When an instance that fails is left alone. Absent: on, with the defaults of the fields.',
  ),
  healthCheck: optional(healthCheck, 'Instances are asked, beside what their requests tell. Absent: they are not.'),
  connection: optional(connection, 'How connections are made and kept.'),
});

export function encodeTrafficPolicies(model: Model): readonly Manifest[] {
  return encodeOwn<TrafficPolicy>(model, 'TrafficPolicy', trafficPolicySpec, model.trafficPolicies);
}

export function decodeTrafficPolicies(observed: Observed): readonly TrafficPolicy[] {
  return decodeOwn<TrafficPolicy>(observed, 'TrafficPolicy', trafficPolicySpec);
}
