import { canonical, type Model } from '../../lib/model';
import {
  canary,
  edge,
  egressGateway,
  externalService,
  gateway,
  gatewayRoute,
  mesh,
  model,
  port,
  service,
  sharedProxy,
  telemetry,
  version,
  workload,
} from '../support/model-builder';

/** One of everything that is seen in its own way. */
export function shop(): Model {
  const web = service('web');
  const reviews = service('reviews', { versions: [version('v1'), version('v2')] });
  const ratings = service('ratings', { ports: [port('grpc', 50_051)] });
  const database = service('database', { namespace: 'data', ports: [port('tcp', 5432)] });
  const legacy = service('legacy', { namespace: 'old', versions: [version('a'), version('b')] });
  const payments = externalService('payments', { protocol: 'http', tls: { kind: 'originate' } });
  const mail = externalService('mail', { via: 'out' });
  const report = workload('report');
  const entrance = gateway('public');
  return canonical(
    model({
      mesh: mesh({ name: 'shop' }),
      services: [web, reviews, ratings, database, legacy],
      workloads: [report],
      externalServices: [payments, mail],
      edges: [
        edge(web, reviews),
        edge(web, payments),
        edge(web, legacy),
        edge(reviews, ratings),
        edge(ratings, database),
        edge(report, mail),
        edge(report, reviews),
      ],
      routes: [gatewayRoute(entrance, web)],
      canaries: [
        canary(reviews, {
          name: 'reviews-v2',
          gates: [
            { kind: 'successRate', atLeast: 99.5, minimumRequests: 100 },
            { kind: 'latency', quantile: 0.99, below: 250, minimumRequests: 100 },
          ],
        }),
      ],
      gateways: [entrance],
      egressGateways: [egressGateway('out')],
      sharedProxies: [sharedProxy('front', [legacy], { namespace: 'old' })],
      telemetries: [telemetry(reviews, { objective: { successRate: 99.5, latency: { percent: 99, below: 250 } } })],
    }),
  );
}
