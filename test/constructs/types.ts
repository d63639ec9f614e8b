/**
 * What must not compile. Nothing here is run: the type check of the repository (`npm run check`) fails if one of the lines
 * below an expectation becomes legal, or if a legal one ceases to be.
 */
import { App, Chart } from 'cdk8s';
import {
  Canary,
  Gateway,
  GrpcMatch,
  grpc,
  HeaderMatch,
  http,
  LoadBalancer,
  PathMatch,
  Service,
  TrafficPolicy,
  tcp,
  tls,
  udp,
} from 'meshwright';

const chart = new Chart(new App(), 'types');
const web = new Service(chart, 'web', { port: http(3000), image: 'web:1' });
const reviews = new Service(chart, 'reviews', { port: http(8080) });
const ratings = new Service(chart, 'ratings', { port: grpc(9000) });
const database = new Service(chart, 'database', { port: tcp(5432) });
const vault = new Service(chart, 'vault', { port: tls(8443) });
const both = new Service(chart, 'both', { ports: [http(8080), grpc(9000)] });
const reviewsV1 = reviews.addVersion('v1', { image: 'reviews:1' });
const reviewsV2 = reviews.addVersion('v2', { image: 'reviews:2' });
const webV2 = web.addVersion('v2', { image: 'web:2' });

// A path, a header, a retry need requests that can be told apart.
// @ts-expect-error a route on a TCP port has no path to match
database.addRoute({ match: PathMatch.prefix('/'), to: database });
// @ts-expect-error nor has one on a TLS port
vault.addRoute({ match: HeaderMatch.exact('a', 'b'), to: vault });
// @ts-expect-error a call over TCP has no requests to select
web.calls(database, { only: [PathMatch.prefix('/')] });
// @ts-expect-error nor to retry
web.calls(database, { retries: { attempts: 1 } });
// @ts-expect-error a gRPC call is matched by service and method, not by path
ratings.addRoute({ match: PathMatch.prefix('/') });
// @ts-expect-error an HTTP request is not matched by gRPC method
reviews.addRoute({ match: GrpcMatch.service('shop.Ratings') });
// @ts-expect-error gRPC calls are not rewritten
ratings.addRoute({ rewrite: { host: 'other' } });
database.addRoute({ to: database });
vault.addRoute({ serverNames: ['vault.example'], to: vault });
ratings.addRoute({ match: GrpcMatch.method('shop.Ratings', 'Get'), timeout: '1s' });
both.addRoute({ port: 'http', match: PathMatch.prefix('/') });
both.addRoute({ port: 'grpc', match: GrpcMatch.service('shop.Ratings') });
web.calls(ratings, { only: [GrpcMatch.service('shop.Ratings')] });

// A version belongs to one service.
// @ts-expect-error v2 is a version of web, not of reviews
reviews.addRoute({ to: webV2 });
// @ts-expect-error not in a split either
reviews.addRoute({ to: [{ to: reviewsV1, weight: 50 }, { to: webV2 }] });
// @ts-expect-error nor as the candidate of a canary
new Canary(chart, 'bad', { service: reviews, stable: reviewsV1, candidate: webV2 });
reviews.addRoute({ to: [{ to: reviewsV1, weight: 50 }, { to: reviewsV2 }] });
reviews.addRoute({ to: web });
new Canary(chart, 'good', { service: reviews, stable: reviewsV1, candidate: reviewsV2 });

// Numbers are numbers, things are passed by their handle.
// @ts-expect-error a weight is a number
reviews.addRoute({ to: [{ to: reviewsV1, weight: '50' }] });
// @ts-expect-error a service is passed by its handle, not by its name
web.calls('reviews');
// @ts-expect-error a policy too
new TrafficPolicy(chart, 'policy', { service: 'reviews' });
// @ts-expect-error a hash needs to be told what it hashes
LoadBalancer.maglev();
// @ts-expect-error a route of HTTP leads to what speaks HTTP
reviews.addRoute({ to: database });
// @ts-expect-error UDP is not proxied, so it has no routes
new Service(chart, 'dns', { port: udp(53) }).addRoute({ to: [] });
// @ts-expect-error what was declared does not change
web.name = 'other';

new Gateway(chart, 'public', { hosts: ['a.example'] }).addRoute({ match: PathMatch.prefix('/'), to: web });
