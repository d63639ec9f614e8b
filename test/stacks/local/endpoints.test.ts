import { App, Chart } from 'cdk8s';
import { expect, it } from 'vitest';
import { EgressGateway, http, Mesh, Service, SharedProxy, tcp } from '../../../lib';
import { Place } from '../../../lib/envoy';
import { modelOf } from '../../../lib/testing';
import { endpointsOf, type ServingPod } from '../../../stacks/local/endpoints';
import { podsOf } from '../../../stacks/local/pods';

const app = new App();
new Mesh(app, 'mesh', { trustDomain: 'mesh.example' });
const team = new Chart(app, 'team', { namespace: 'team' });
const reviews = new Service(team, 'reviews', { ports: [http(8080), http(8080, { port: 81, name: 'again' })] });
reviews.addVersion('v1', { image: 'r:1' });
reviews.addVersion('v2', { image: 'r:2' });
new Service(team, 'db', { port: tcp(6379), image: 'db:1', kind: 'StatefulSet', headless: true, replicas: 2 });
const behind = new Service(team, 'behind', { port: http(8080), image: 'b:1' });
new SharedProxy(team, 'front', { services: [behind] });
new EgressGateway(team, 'out', {});
const model = modelOf(app);

/** Every place of a pod has a port that tells which it is; not everything is ready. */
function serving(except: readonly string[] = [], ending: readonly string[] = []): readonly ServingPod[] {
  return podsOf(model).map((pod) => ({
    pod,
    portOf: (place: Place) => Number(Place.key(place).replace(/\D/g, '')) + (place.kind === 'inbound' ? 10_000 : 0),
    serves: () => !except.includes(pod.name) && !ending.includes(pod.name),
    proxyIsReady: !except.includes(pod.name),
    isEnding: ending.includes(pod.name),
  }));
}

function shown(pods: readonly ServingPod[]) {
  return Object.fromEntries(
    [...endpointsOf(model, pods)].map(([key, endpoints]) => [
      key,
      endpoints.map(({ port, meshed, version, instance }) =>
        `${port}${meshed ? '' : ' plain'} ${version ?? instance ?? ''}`.trim(),
      ),
    ]),
  );
}

it('callers meet proxies, and a shared proxy meets the applications behind it', () => {
  expect(shown(serving())).toEqual({
    'service team/reviews:80': ['18080 v1', '18080 v2'],
    'service team/reviews:81': ['18080 v1', '18080 v2'],
    'service team/db:6379': ['16379 db-0', '16379 db-1'],
    'behind team/behind:80': ['8080 plain'],
    'service team/behind:80': ['15100'],
    'egressGateway team/out': ['15100'],
  });
});

it('who is not ready, or is ending, is met by nobody', () => {
  const endpoints = shown(serving(['reviews-v1-0', 'front-shared-0'], ['db-1', 'out-egress-0']));
  expect(endpoints).toEqual({
    'service team/reviews:80': ['18080 v2'],
    'service team/reviews:81': ['18080 v2'],
    'service team/db:6379': ['16379 db-0'],
    'behind team/behind:80': ['8080 plain'],
  });
});
