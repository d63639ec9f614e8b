import { existsSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import { Canary, Gate, Gateway, Manifests, Mesh } from 'meshwright';

// Online Boutique as its authors publish it: nothing in the file is changed, what the mesh needs is added.
const file = process.argv[2] ?? 'kubernetes-manifests.yaml';
if (!existsSync(file)) {
  console.error(`${file} is not there: it is release/kubernetes-manifests.yaml of GoogleCloudPlatform/microservices-demo;
fetch it from there and give its path: npm run synth -- examples/online-boutique <path>`);
  process.exit(1);
}

const app = new App();
new Mesh(app, 'boutique', { trustDomain: 'boutique.example', gatewayApi: 'standard' });
const chart = new Chart(app, 'online-boutique', { namespace: 'online-boutique' });
const published = new Manifests(chart, 'published', { file });
const shop = published.services(
  'frontend',
  'adservice',
  'cartservice',
  'checkoutservice',
  'currencyservice',
  'emailservice',
  'paymentservice',
  'productcatalogservice',
  'recommendationservice',
  'redis-cart',
  'shippingservice',
);
const { frontend, checkoutservice, cartservice, recommendationservice, productcatalogservice } = shop;

// Who calls whom. What is not said here is denied.
for (const callee of [
  shop.adservice,
  cartservice,
  checkoutservice,
  shop.currencyservice,
  productcatalogservice,
  shop.shippingservice,
]) {
  frontend.calls(callee);
}
// Both listen on 8080, so the frontend finds this one on another port; it reads the address from its environment.
frontend.calls(recommendationservice, { at: 18080, env: 'RECOMMENDATION_SERVICE_ADDR' });
for (const callee of [
  cartservice,
  shop.currencyservice,
  shop.emailservice,
  shop.paymentservice,
  productcatalogservice,
  shop.shippingservice,
]) {
  checkoutservice.calls(callee);
}
recommendationservice.calls(productcatalogservice);
cartservice.calls(shop['redis-cart']);
published.workload('loadgenerator').calls(frontend);

new Gateway(chart, 'public', { hosts: ['boutique.example'] }).addRoute({ to: frontend });

const stable = productcatalogservice.addVersion('stable');
const next = productcatalogservice.addVersion('next', {
  copyOf: stable,
  image: 'us-central1-docker.pkg.dev/online-boutique-ci/microservices-demo/productcatalogservice:v0.10.7',
});
new Canary(chart, 'catalog-next', {
  service: productcatalogservice,
  stable,
  candidate: next,
  gates: [Gate.successRate({ atLeast: 99.5 }), Gate.latency({ quantile: 0.99, below: '250ms' })],
});

app.synth();
