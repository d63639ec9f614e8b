import { App, Chart } from 'cdk8s';
import { Gateway, http, Mesh, PathMatch, Service } from 'meshwright';
import { diagnosticsOf } from 'meshwright/testing';

const app = new App();
new Mesh(app, 'shop', { trustDomain: 'shop.example' });
const shop = new Chart(app, 'storefront', { namespace: 'storefront' });
const web = new Service(shop, 'web', { port: http(3000), image: 'shop/web:1.0' });
const reviews = new Service(shop, 'reviews', { port: http(8080), image: 'shop/reviews:1.0', replicas: 2 });
web.calls(reviews, { timeout: '3s', only: [PathMatch.prefix('/reviews')] });
new Gateway(shop, 'public', { hosts: ['shop.example'] }).addRoute({ to: web });
app.synth();

console.log(`${diagnosticsOf(app).length} mistakes`);
