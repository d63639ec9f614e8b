import { App, Chart, type ChartProps } from 'cdk8s';
import type { Construct } from 'constructs';
import { Gateway, http, Mesh, PathMatch, Service } from 'meshwright';

export class Storefront extends Chart {
  constructor(scope: Construct, id: string, props: ChartProps = {}) {
    super(scope, id, props);

    const web = new Service(this, 'web', { port: http(3000), image: 'shop/web:1.0' });
    const reviews = new Service(this, 'reviews', { port: http(8080), image: 'shop/reviews:1.0', replicas: 2 });
    web.calls(reviews, { timeout: '3s', only: [PathMatch.prefix('/reviews')] });
    new Gateway(this, 'public', { hosts: ['shop.example'] }).addRoute({ to: web });
  }
}

const app = new App();
new Mesh(app, 'shop', { trustDomain: 'shop.example' });
new Storefront(app, 'storefront', { namespace: 'storefront' });
app.synth();
