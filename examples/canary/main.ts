import { App, Chart } from 'cdk8s';
import { Canary, Gate, Gateway, HeaderMatch, http, Mesh, Service, Strategy } from 'meshwright';

const app = new App();
new Mesh(app, 'shop', { trustDomain: 'shop.example' });
const chart = new Chart(app, 'storefront', { namespace: 'storefront' });

const web = new Service(chart, 'web', { port: http(3000), image: 'shop/web:1.0' });

// By weight: a little, then more, as long as both gates hold; everything goes back at once if one does not.
const reviews = new Service(chart, 'reviews', { port: http(8080) });
const reviewsV1 = reviews.addVersion('v1', { image: 'shop/reviews:1.0', replicas: 3 });
const reviewsV2 = reviews.addVersion('v2', { image: 'shop/reviews:2.0', replicas: 3 });
new Canary(chart, 'reviews-v2', {
  service: reviews,
  stable: reviewsV1,
  candidate: reviewsV2,
  steps: [5, 25, 50],
  interval: '2m',
  mirror: { percent: 10, duration: '5m' },
  gates: [Gate.successRate({ atLeast: 99.5 }), Gate.latency({ quantile: 0.99, below: '250ms' })],
  onFailure: { notify: 'https://hooks.shop.example/canary' },
});
reviews.addRoute({ match: HeaderMatch.exact('x-tester', 'yes'), to: reviewsV2 });

// Blue/green: tested beside the old version, then everything at once.
const cart = new Service(chart, 'cart', { port: http(8080) });
const blue = cart.addVersion('blue', { image: 'shop/cart:1.8' });
const green = cart.addVersion('green', { image: 'shop/cart:1.9' });
new Canary(chart, 'cart-green', {
  service: cart,
  stable: blue,
  candidate: green,
  strategy: Strategy.blueGreen({ keepFor: '1h' }),
  interval: '10m',
  gates: [
    Gate.query({
      name: 'carts-lost',
      query: 'sum(increase(carts_lost_total{namespace="{{namespace}}", version="{{version}}"}[{{interval}}]))',
      atMost: 0,
    }),
    Gate.approval(),
  ],
});

// A/B: those who asked for it.
const search = new Service(chart, 'search', { port: http(8080) });
const plain = search.addVersion('plain', { image: 'shop/search:3.0' });
const semantic = search.addVersion('semantic', { image: 'shop/search:4.0-beta' });
new Canary(chart, 'search-semantic', {
  service: search,
  stable: plain,
  candidate: semantic,
  strategy: Strategy.abTest({ matches: [HeaderMatch.regex('cookie', '.*beta=1.*')] }),
  interval: '168h',
});

for (const callee of [reviews, cart, search]) web.calls(callee);
new Gateway(chart, 'public', { hosts: ['shop.example'] }).addRoute({ to: web });

app.synth();
