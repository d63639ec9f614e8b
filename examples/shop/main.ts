import { App, Chart } from 'cdk8s';
import {
  AccessPolicy,
  AccessRule,
  Canary,
  ExternalService,
  Gate,
  Gateway,
  GrpcMatch,
  grpc,
  HeaderMatch,
  http,
  https,
  LoadBalancer,
  Mesh,
  MethodMatch,
  OutsideFrom,
  PathMatch,
  Service,
  Source,
  Telemetry,
  TrafficPolicy,
  tcp,
} from 'meshwright';

/** How a service of this example runs on a developer's machine: reached by its sidecar and by nothing beyond the machine. */
const local = (service: string, env: { readonly [name: string]: string } = {}) => ({
  command: ['node', '--import', 'tsx', `services/${service}.ts`],
  env: { ADDRESS: '127.0.0.1', ...env },
});

const app = new App();
new Mesh(app, 'shop', {
  trustDomain: 'shop.example',
  gatewayApi: 'experimental',
  telemetry: { tracing: { host: 'otel-collector.monitoring', sampling: 5 } },
});

// The storefront's team has a chart of its own, and so has the team that keeps orders and money.
const storefront = new Chart(app, 'storefront', { namespace: 'storefront' });
const backoffice = new Chart(app, 'backoffice', { namespace: 'backoffice' });

const web = new Service(storefront, 'web', {
  port: http(3000),
  image: 'shop/web:1.0',
  replicas: 2,
  readyPath: '/healthz',
  local: local('web'),
});
const catalog = new Service(storefront, 'catalog', {
  port: http(8080),
  image: 'shop/catalog:1.0',
  replicas: 2,
  readyPath: '/healthz',
  local: local('catalog'),
});
const ratings = new Service(storefront, 'ratings', {
  port: grpc(9000, { port: 9000 }),
  image: 'shop/ratings:1.0',
  local: local('ratings'),
});
const reviews = new Service(storefront, 'reviews', { port: http(8080) });
const version = (name: string) =>
  reviews.addVersion(name, {
    image: `shop/reviews:${name}`,
    env: { VERSION: name },
    replicas: 2,
    readyPath: '/healthz',
    local: local('reviews', { VERSION: name }),
  });
const v1 = version('v1');
const v2 = version('v2');
const database = new Service(backoffice, 'database', {
  port: tcp(6379),
  image: 'shop/database:1.0',
  kind: 'StatefulSet',
  headless: true,
  local: local('database'),
});
const orders = new Service(backoffice, 'orders', {
  port: http(8080),
  image: 'shop/orders:1.0',
  replicas: 2,
  readyPath: '/healthz',
  local: local('orders'),
});
const payments = new Service(backoffice, 'payments', {
  port: http(8080),
  image: 'shop/payments:1.0',
  replicas: 2,
  readyPath: '/healthz',
  local: local('payments'),
});
// The sidecar makes TLS for the provider, so that each payment is seen; on a developer's machine nobody is really paid.
const provider = new ExternalService(backoffice, 'payment-provider', {
  host: 'api.pay.example',
  port: https(),
  originateTls: {},
  local: local('payment-provider'),
});

// Who calls whom. What is not said here is denied.
web.calls(catalog);
web.calls(reviews, {
  timeout: '3s',
  retries: { attempts: 2, on: ['connect-failure', 'refused-stream', 'gateway-error'] },
});
web.calls(orders, { only: [PathMatch.prefix('/orders')] });
reviews.calls(ratings, {
  only: [GrpcMatch.service('shop.ratings.v1.Ratings')],
  timeout: '1s',
  hedging: { after: '200ms' },
});
catalog.calls(database);
orders.calls(database);
orders.calls(payments, { only: [MethodMatch.post], timeout: '8s', retries: { attempts: 0 } });
payments.calls(provider, { timeout: '5s', env: { PAYMENT_PROVIDER_URL: 'url' } });

// The gateway is the only way in.
const gateway = new Gateway(storefront, 'public', { hosts: ['shop.example'] });
gateway.addRoute({ match: PathMatch.prefix('/'), to: web });

reviews.addRoute({ match: HeaderMatch.exact('x-tester', 'yes'), to: v2 });
new Canary(storefront, 'reviews-v2', {
  service: reviews,
  stable: v1,
  candidate: v2,
  steps: [5, 25, 50],
  interval: '2m',
  gates: [Gate.successRate({ atLeast: 99.5 }), Gate.latency({ quantile: 0.99, below: '250ms' })],
});

new TrafficPolicy(storefront, 'catalog-traffic', {
  service: catalog,
  loadBalancing: LoadBalancer.leastRequest({ slowStart: { window: '30s' } }),
  limits: { maxRequests: 512 },
  outlierDetection: { consecutive5xx: 3, baseEjectionTime: '15s' },
});
new AccessPolicy(backoffice, 'payments-access', {
  service: payments,
  rules: [AccessRule.deny({ from: [Source.namespace('storefront')] })],
  outsidePorts: [{ port: 9464, from: [OutsideFrom.namespace('monitoring')] }],
});
new Telemetry(backoffice, 'payments-telemetry', {
  service: payments,
  objective: { successRate: 99.95, latency: { percent: 99, below: '1s' } },
  accessLog: { filter: 'everything' },
});

app.synth();
