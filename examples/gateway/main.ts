import { App, Chart } from 'cdk8s';
import {
  EgressGateway,
  ExternalService,
  Gateway,
  http,
  https,
  Mesh,
  PathMatch,
  Service,
  SharedProxy,
  tcp,
  tls,
} from 'meshwright';

const app = new App();
new Mesh(app, 'edge-mesh', { trustDomain: 'edge.example', gatewayApi: 'experimental' });
const chart = new Chart(app, 'edge', { namespace: 'edge' });

const web = new Service(chart, 'web', { port: http(3000), image: 'edge/web:1.0', replicas: 2 });
const api = new Service(chart, 'api', { port: http(8080), image: 'edge/api:1.0', replicas: 2 });
const vault = new Service(chart, 'vault', { port: tls(8443), image: 'edge/vault:1.0' });
const mqtt = new Service(chart, 'mqtt', { port: tcp(1883), image: 'edge/mqtt:1.0' });

// HTTPS with a certificate that cert-manager keeps; plain HTTP only sends callers there.
const site = new Gateway(chart, 'site', {
  hosts: ['www.edge.example', 'api.edge.example'],
  tls: { issuer: 'letsencrypt' },
});
site.addRoute({ hosts: ['www.edge.example'], to: web });
site.addRoute({
  hosts: ['api.edge.example'],
  match: PathMatch.prefix('/v1'),
  to: api,
  rewrite: { path: { prefix: '/' } },
  cors: {
    allowOrigins: ['https://www.edge.example'],
    allowMethods: ['GET', 'POST', 'PUT'],
    allowHeaders: ['content-type'],
  },
  rateLimit: { local: { requests: 100, per: '1s', burst: 50 } },
});
site.addRoute({
  hosts: ['api.edge.example'],
  match: PathMatch.exact('/'),
  respond: { status: 200, body: 'see /v1\n' },
});

// TLS by server name, not opened, and plain TCP.
const devices = new Gateway(chart, 'devices', {
  listeners: [
    { name: 'vault', port: 8443, protocol: 'tls', host: 'vault.edge.example' },
    { name: 'mqtt', port: 1883, protocol: 'tcp' },
  ],
});
devices.addRoute({ listener: 'vault', serverNames: ['vault.edge.example'], to: vault });
devices.addRoute({ listener: 'mqtt', to: mqtt });

// One way out of the cluster; the application speaks plain HTTP to it and the mesh makes it TLS.
const way = new EgressGateway(chart, 'out');
const mail = new ExternalService(chart, 'mail', {
  host: 'api.mail.example',
  port: http(443),
  originateTls: {},
  via: way,
});
const maps = new ExternalService(chart, 'maps', { host: 'maps.example', port: https(443) });
web.calls(api);
api.calls(mail, { at: 8025, env: { MAIL_URL: 'url' } });
api.calls(maps);

// Callers without sidecars (batch jobs of another team) call these through one proxy, under the same policies.
const stock = new Service(chart, 'stock', { port: http(8080), image: 'edge/stock:1.0' });
const prices = new Service(chart, 'prices', { port: http(8080), image: 'edge/prices:1.0' });
new SharedProxy(chart, 'legacy', { services: [stock, prices] });
api.calls(stock, { at: 8090, env: { STOCK_SERVICE_PORT: 'port' } });

app.synth();
