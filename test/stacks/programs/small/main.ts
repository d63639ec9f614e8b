import { App, Chart } from 'cdk8s';
import { Gateway, grpc, http, Mesh, Service, tcp, Workload } from 'meshwright';

// No service here says how it runs, so echo servers stand in; one caller does its work and ends.
const app = new App();
new Mesh(app, 'small', { trustDomain: 'small.example' });
const team = new Chart(app, 'team', { namespace: 'team' });
const front = new Service(team, 'front', { port: http(3000), image: 'front:1' });
const cart = new Service(team, 'cart', { port: grpc(7070), image: 'cart:1' });
const store = new Service(team, 'store', { port: tcp(6379), image: 'store:1', kind: 'StatefulSet', headless: true });
const job = new Workload(team, 'job', { image: 'job:1' });
const once = new Workload(team, 'once', { image: 'once:1', local: ['node', 'once.js'] });
front.calls(cart);
job.calls(front);
job.calls(store);
once.calls(front);
new Gateway(team, 'public', { hosts: ['small.example'] }).addRoute({ to: front });

app.synth();
