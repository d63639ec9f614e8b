import fc from 'fast-check';
import {
  type GrpcMatch,
  type Hedging,
  type HttpMatch,
  type PathMatch,
  type RequestMatch,
  type Resources,
  type Retries,
  retryConditions,
  type ValueMatch,
} from '../../../lib/model';
import { duration, few, kind, maybe, path, percent, prose, recordOf, regex, span, token, words } from './values';

export const pathMatch: fc.Arbitrary<PathMatch> = fc.oneof(
  recordOf<Extract<PathMatch, { kind: 'exact' }>>({ kind: kind('exact'), path }),
  recordOf<Extract<PathMatch, { kind: 'prefix' }>>({ kind: kind('prefix'), path: fc.oneof(path, fc.constant('/')) }),
  recordOf<Extract<PathMatch, { kind: 'regex' }>>({ kind: kind('regex'), pattern: regex }),
);

const valueMatch: fc.Arbitrary<ValueMatch> = fc.oneof(
  recordOf<Extract<ValueMatch, { kind: 'exact' }>>({ kind: kind('exact'), name: token, value: prose }),
  recordOf<Extract<ValueMatch, { kind: 'regex' }>>({ kind: kind('regex'), name: token, pattern: regex }),
);

/** The CRDs key them by name. */
const valueMatches = fc.uniqueArray(valueMatch, { maxLength: 2, selector: (match) => match.name });

export const httpMatch: fc.Arbitrary<HttpMatch> = recordOf<HttpMatch>({
  path: maybe(pathMatch),
  method: maybe(words('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH')),
  headers: valueMatches,
  query: valueMatches,
});

export const grpcMatch: fc.Arbitrary<GrpcMatch> = recordOf<GrpcMatch>({
  service: maybe(fc.stringMatching(/^[a-z]{1,4}(\.v[12])?\.[A-Z][a-z]{1,4}$/)),
  method: maybe(fc.stringMatching(/^[A-Z][A-Za-z]{1,6}$/)),
  headers: valueMatches,
});

export const requestMatch: fc.Arbitrary<RequestMatch> = fc.oneof(
  httpMatch.map((match): RequestMatch => ({ kind: 'http', ...match })),
  grpcMatch.map((match): RequestMatch => ({ kind: 'grpc', ...match })),
);

export const retries: fc.Arbitrary<Retries> = recordOf<Retries>({
  attempts: fc.nat(5),
  on: maybe(few(fc.constantFrom(...retryConditions))),
  statuses: maybe(few(fc.integer({ min: 400, max: 599 }))),
  perTryTimeout: maybe(span),
  backoff: maybe(
    fc
      .tuple(fc.integer({ min: 1, max: 60_000 }), fc.constantFrom(1, 2, 10))
      .map(([base, factor]) => ({ base, max: base * factor })),
  ),
  budget: maybe(recordOf<NonNullable<Retries['budget']>>({ percent, minConcurrency: fc.nat(50) })),
});

export const hedging: fc.Arbitrary<Hedging> = recordOf<Hedging>({
  after: duration,
  attempts: fc.integer({ min: 1, max: 5 }),
});

const amounts = recordOf<NonNullable<Resources['requests']>>({
  cpu: maybe(words('100m', '2', '0.5')),
  memory: maybe(words('64Mi', '1Gi', '128e6')),
});

export const resources: fc.Arbitrary<Resources> = recordOf<Resources>({
  requests: maybe(amounts),
  limits: maybe(amounts),
});
