import { ApiObject, App, Chart } from 'cdk8s';

const app = new App();
const chart = new Chart(app, 'chart', { disableResourceNameHashes: true });
new ApiObject(chart, process.argv[2] ?? 'none', { apiVersion: 'v1', kind: 'Secret' });
app.synth();
