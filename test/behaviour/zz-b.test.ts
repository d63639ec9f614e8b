import { it } from 'vitest';
import { accessPolicy, edge, model, port, ref, service, workload } from '../support/model-builder';
import { authorizationServer } from './harness/envoy-services';
import { Mesh } from './harness/mesh';

const web = workload('web');
const catalog = service('catalog');
const authz = service('authz', { ports: [port('grpc')] });
it('debug', async () => {
  const m = (p = {}) =>
    model({
      services: [catalog, authz],
      workloads: [web],
      edges: [edge(web, catalog)],
      accessPolicies: [accessPolicy(catalog, p)],
    });
  const running = await Mesh.start(m(), {
    applications: { authz: (o) => authorizationServer(o.port, () => ({ status: 200 })) },
  });
  await running.apply(
    m({
      externalAuthorization: {
        service: ref(authz),
        port: 80,
        protocol: 'grpc',
        timeout: 2000,
        onFailure: 'deny',
        requests: [],
        headers: [],
      },
    }),
  );
  const a = await running.call('web', 'catalog', {});
  console.log(a.status, a.text, a.headers);
  for (const who of ['catalog', 'authz']) {
    const p = running.proxy(who);
    console.log(
      who,
      [...(await p.statistics(/authz|ssl|rbac|inbound|listener/)).entries()].filter(([, v]) => v > 0),
    );
    console.log((await p.admin('/clusters')).slice(0, 3000));
    console.log(p.output().slice(-2500));
  }
  await running.stop();
}, 30000);
