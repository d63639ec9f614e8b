import { ApiObject, type App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import {
  AccessPolicy,
  AccessRule,
  Canary,
  EgressGateway,
  ExternalService,
  Gate,
  Gateway,
  grpc,
  HeaderMatch,
  http,
  https,
  LoadBalancer,
  Mesh,
  OutsideFrom,
  PathMatch,
  Root,
  Service,
  SharedProxy,
  Telemetry,
  TrafficPolicy,
  tcp,
  tls,
  Workload,
} from 'meshwright';

/** A program with something of every construct, for `cdk8s synth` and for Pulumi alike. */
export function declareWholeMesh(app: App, webImage = 'shop/web:1.0'): void {
  new Mesh(app, 'shop', {
    trustDomain: 'shop.example',
    gatewayApi: 'experimental',
    certificates: { root: Root.certManager({ issuer: 'corporate' }) },
    telemetry: { tracing: { host: 'otel-collector.monitoring', sampling: 5 } },
  });
  const storefront = new Chart(app, 'storefront', { namespace: 'storefront' });
  const backoffice = new Chart(app, 'backoffice', { namespace: 'backoffice' });

  const web = new Service(storefront, 'web', { port: http(3000), image: webImage, replicas: 2 });
  const ratings = new Service(storefront, 'ratings', { port: grpc(9000), image: 'shop/ratings:1.0' });
  const reviews = new Service(storefront, 'reviews', { port: http(8080) });
  const v1 = reviews.addVersion('v1', { image: 'shop/reviews:1.0' });
  const v2 = reviews.addVersion('v2', { image: 'shop/reviews:2.0' });
  const database = new Service(backoffice, 'database', {
    port: tcp(6379),
    image: 'shop/database:1.0',
    kind: 'StatefulSet',
    headless: true,
  });
  const payments = new Service(backoffice, 'payments', { port: http(8080), image: 'shop/payments:1.0' });
  const vault = new Service(backoffice, 'vault', { port: tls(8443), image: 'shop/vault:1.0' });
  const deployment = new kplus.Deployment(backoffice, 'ledger-deployment', {
    containers: [{ image: 'shop/ledger:1.0', portNumber: 7000, securityContext: { user: 1000, group: 1000 } }],
  });
  const ledger = new Service(backoffice, 'ledger', { port: http(7000), deployment });
  const audit = new Workload(backoffice, 'audit', { image: 'shop/audit:1.0', schedule: '0 3 * * *' });
  const out = new EgressGateway(backoffice, 'out');
  const bank = new ExternalService(backoffice, 'bank', { host: 'api.bank.example', port: https() });
  const mail = new ExternalService(backoffice, 'mail', { host: 'mail.example', port: https(), via: out });

  web.calls(reviews, { timeout: '3s' });
  web.calls(payments, { only: [PathMatch.prefix('/payments')] });
  reviews.calls(ratings);
  payments.calls(database);
  payments.calls(ledger);
  payments.calls(vault);
  payments.calls(bank);
  payments.calls(mail);
  audit.calls(ledger);

  const gateway = new Gateway(storefront, 'public', { hosts: ['shop.example'], tls: { issuer: 'letsencrypt' } });
  gateway.addRoute({ match: PathMatch.prefix('/'), to: web });
  reviews.addRoute({ match: HeaderMatch.exact('x-tester', 'yes'), to: v2 });
  new Canary(storefront, 'reviews-v2', {
    service: reviews,
    stable: v1,
    candidate: v2,
    gates: [Gate.successRate({ atLeast: 99.5 })],
  });
  new TrafficPolicy(storefront, 'ratings-policy', { service: ratings, loadBalancing: LoadBalancer.leastRequest() });
  new AccessPolicy(backoffice, 'payments-policy', {
    service: payments,
    rules: [AccessRule.deny({ requests: [PathMatch.prefix('/admin')] })],
    outsidePorts: [{ port: 9464, from: [OutsideFrom.namespace('monitoring')] }],
  });
  new Telemetry(backoffice, 'payments-telemetry', { service: payments, accessLog: { filter: 'everything' } });
  const stock = new Service(backoffice, 'stock', { port: http(8080), image: 'shop/stock:1.0' });
  new SharedProxy(backoffice, 'legacy', { services: [stock] });

  // What teams keep beside the mesh, in an order of their own.
  const schema = new ApiObject(backoffice, 'schema', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'schema' },
    stringData: { 'schema.sql': 'create table t (id int)' },
  });
  const notes = new ApiObject(backoffice, 'notes', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'notes' },
  });
  const widget = new ApiObject(backoffice, 'widget', {
    apiVersion: 'acme.example/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
  });
  notes.addDependency(widget);
  widget.addDependency(schema);
}
