import { existsSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import { Gateway, HeaderMatch, Manifests, Mesh, PathMatch } from 'meshwright';

// Bookinfo as its authors publish it. Every container and every Service uses port 9080.
const file = process.argv[2] ?? 'bookinfo.yaml';
if (!existsSync(file)) {
  console.error(`${file} is not there: it is samples/bookinfo/platform/kube/bookinfo.yaml of istio/istio;
fetch it from there and give its path: npm run synth -- examples/bookinfo <path>`);
  process.exit(1);
}

const app = new App();
new Mesh(app, 'bookinfo', { trustDomain: 'bookinfo.example', gatewayApi: 'standard' });
const chart = new Chart(app, 'books', { namespace: 'bookinfo' });
const published = new Manifests(chart, 'published', { file });
const { productpage, details, reviews, ratings } = published.services('productpage', 'details', 'reviews', 'ratings');

// An application that listens on 9080 leaves no room there for its sidecar to stand in for an upstream. Bookinfo reads its
// upstreams' ports from variables, so each caller is told another port; without `at` and `env` synthesis explains this.
productpage.calls(details, { at: 19080, env: { DETAILS_SERVICE_PORT: 'port' } });
productpage.calls(reviews, { at: 19080, env: { REVIEWS_SERVICE_PORT: 'port' } });
reviews.calls(ratings, { at: 19080, env: { RATINGS_SERVICE_PORT: 'port' } });

const [v1, v2, v3] = [reviews.addVersion('v1'), reviews.addVersion('v2'), reviews.addVersion('v3')];
reviews.addRoute({ to: [{ to: v1, weight: 80 }, { to: v2 }] });
reviews.addRoute({ match: HeaderMatch.exact('end-user', 'jason'), to: v3 });

const gateway = new Gateway(chart, 'bookinfo', { hosts: ['bookinfo.example'] });
for (const match of [
  PathMatch.exact('/productpage'),
  PathMatch.prefix('/static'),
  PathMatch.prefix('/api/v1/products'),
]) {
  gateway.addRoute({ match, to: productpage });
}

app.synth();
