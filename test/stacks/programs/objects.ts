import { ApiObject, App, Chart } from 'cdk8s';

// Plain objects, and on demand what can go wrong with a program.
const [behaviour, ...rest] = process.argv.slice(2);
const app = new App(behaviour === 'elsewhere' ? { outdir: process.env.ELSEWHERE ?? '' } : {});
const chart = new Chart(app, 'one', { disableResourceNameHashes: true });
new ApiObject(chart, 'settings', {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  data: { text: '---\nkind: Foo\n', rest: rest.join(' ') },
});
if (behaviour === 'mistakes') {
  chart.node.addValidation({
    validate: () => ['MESH0009 service web has no pods; give an `image`', 'not one of ours'],
  });
  app.node.addValidation({ validate: () => ['MESH0001 there is no mesh'] });
}
if (behaviour === 'throws') throw new Error('no such thing');
if (behaviour === 'ends') process.exit(3);
if (behaviour === 'halfway') {
  app.synth();
  process.exit(1);
}
if (behaviour !== 'forgets') app.synth();
