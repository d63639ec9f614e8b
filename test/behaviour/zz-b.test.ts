import { it } from 'vitest';
import { accessPolicy, edge, model, port, ref, service, workload } from '../support/model-builder';
import { Mesh } from './harness/mesh';
import { tokenIssuer } from './harness/tokens';
const web = workload('web');
const catalog = service('catalog');
const keys = service('keys');
const issuer = tokenIssuer('https://login.example');
it('debug', async () => {
  const m = (p = {}) => model({ services: [catalog, keys], workloads: [web], edges: [edge(web, catalog)], accessPolicies: [accessPolicy(catalog, p)] });
  const running = await Mesh.start(m(), {});
    running.backend('keys').reply({ body: issuer.jwks, headers: { 'content-type': 'application/json' } });
  await running.apply(m({ jwt: [{issuer: issuer.issuer, audiences: ['shop'], forward: [], keys: { kind: 'remote', uri: 'http://keys.shop/jwks.json', refresh: 60_000 } }]}));
  const a = await running.call('web', 'catalog', { headers: { authorization: `Bearer ${issuer.token({ aud: 'shop' })}` }});
  console.log(a.status, a.text, a.headers);
  for (const who of ['catalog', 'keys']) {
    const p = running.proxy(who);
    console.log(who, [...(await p.statistics(/keys|ssl|rbac|inbound|listener/)).entries()].filter(([, v]) => v > 0));
    console.log(p.output().slice(-1500));
  }
  await running.stop();
}, 30000);
