import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { http, Mesh, Service, tcp, Workload } from 'meshwright';

// Workloads that a team has already, written with cdk8s-plus. Two lines each bring them into the mesh.
const app = new App();
const chart = new Chart(app, 'team', { namespace: 'team' });

const deployment = new kplus.Deployment(chart, 'web', {
  replicas: 2,
  containers: [{ image: 'team/web:1.0', portNumber: 3000, securityContext: { user: 1000, group: 1000 } }],
});
const set = new kplus.StatefulSet(chart, 'db', {
  service: new kplus.Service(chart, 'db-service', {
    metadata: { name: 'db' },
    clusterIP: 'None',
    ports: [{ port: 5432 }],
  }),
  containers: [{ image: 'team/db:1.0', portNumber: 5432, securityContext: { user: 1000, group: 1000 } }],
});
const job = new kplus.CronJob(chart, 'report', {
  schedule: { expressionString: '0 6 * * *' } as never,
  containers: [{ image: 'team/report:1.0', securityContext: { user: 1000, group: 1000 } }],
});

new Mesh(app, 'team-mesh', { trustDomain: 'team.example' });
const web = new Service(chart, 'web-service', { name: 'web', port: http(3000), deployment });
const db = new Service(chart, 'db-mesh', { name: 'db', port: tcp(5432), deployment: set });
const report = new Workload(chart, 'report-mesh', { name: 'report', workload: job });

web.calls(db);
report.calls(web);
report.calls(db);

app.synth();
