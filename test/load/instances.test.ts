import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Model, Ref, type Retries } from '../../lib/model';
import { endpointsKey } from '../../proxy/sources/source';
import { Mesh } from '../behaviour/harness/mesh';
import type { InstanceOptions } from '../behaviour/harness/population';
import { ref, trafficPolicy } from '../support/model-builder';
import { until } from '../support/wait';
import { accountAtEnd } from './account';
import { again, caseTimeout } from './duration';
import { catalog, shop, split, twoOfEach } from './shop';
import { underLoad } from './traffic';

/** Instances come and go, with notice and without, while requests flow: none of them fails. */

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(shop(), { ...twoOfEach, drain: 2 });
});
afterAll(() => running?.stop());
accountAtEnd();

const four: readonly InstanceOptions[] = [
  { name: 'catalog-v1-0', version: 'v1' },
  { name: 'catalog-v1-1', version: 'v1' },
  { name: 'catalog-v2-0', version: 'v2' },
  { name: 'catalog-v2-1', version: 'v2' },
];

const callers = ['web', 'public-gateway'];

/** The catalog has these instances from now on, and everybody knows. */
const become = (catalogs: readonly InstanceOptions[], model = shop()) =>
  running.apply(model, { instances: { catalog: catalogs } });

const draining = (name: string) =>
  four.map((one) => (one.name === name ? { ...one, state: 'draining' as const } : one));

/** Nobody waits for an answer of an instance that gets nothing new. */
const idle = (name: string) =>
  until(`${name} to have answered all`, async () => {
    return (await running.statistic(name, /^http\.inbound\|8080\.downstream_rq_active$/)) === 0;
  });

describe('no request fails while', () => {
  it('instances are added, drained and removed', { timeout: caseTimeout }, async () => {
    await become(four);
    await underLoad(running, 'instances', 500, async (flow) => {
      const fifth = { name: 'catalog-v1-2', version: 'v1' };
      const rounds = await again(2, async () => {
        // It is there before it is ready, as a pod is.
        await become([...four, { ...fifth, state: 'draining' }]);
        await become([...four, fifth]);
        await flow(30);
        await become([...four, { ...fifth, state: 'draining' }]);
        await idle(fifth.name);
        await become(four);
        await flow(10);
      });
      return `${rounds} came and went`;
    });
  });

  it('endpoints change hundreds of times', { timeout: caseTimeout }, async () => {
    await become(four);
    const key = endpointsKey({ kind: 'service', service: ref(catalog), port: 80 });
    const all = running.source.state.endpoints.get(key) ?? [];
    await underLoad(running, 'endpoints', 500, async (flow) => {
      const rounds = await again(200, async (round) => {
        // One of each version is away, another one each time; sometimes one of them is only about to go.
        const out = new Set([all[round % 2], all[2 + ((round >> 1) % 2)]]);
        const left = all.flatMap((one) =>
          !out.has(one) ? [one] : round % 3 === 0 ? [{ ...one, state: 'draining' as const }] : [],
        );
        running.source.setEndpoints(key, left);
        await nextTurn();
        await flow(3);
      });
      running.source.setEndpoints(key, all);
      await running.settled();
      return `${rounds} changes`;
    });
  });

  it('proxies of instances restart with notice, one after the other', { timeout: caseTimeout }, async () => {
    await become(four);
    await underLoad(running, 'restarts with notice', 300, async (flow) => {
      const rounds = await again(4, async (round) => {
        const { name = '' } = four[round % four.length] ?? {};
        await become(draining(name));
        await idle(name);
        await running.restartProxy(name, 'stop');
        await become(four);
        await flow(20);
      });
      return `${rounds} restarts`;
    });
  });

  it('proxies of instances are killed, where calls may be tried again', { timeout: caseTimeout }, async () => {
    const model = tryingAgain();
    await become(four, model);
    await underLoad(running, 'killed proxies', 300, async (flow) => {
      const rounds = await again(3, async (round) => {
        await running.restartProxy(four[round % four.length]?.name ?? '', 'kill');
        await until('its callers to give it requests again', async () => {
          const left = callers.map((caller) => running.statistic(caller, /outlier_detection\.ejections_active$/));
          return (await Promise.all(left)).every((ejected) => ejected === 0);
        });
        await flow(20);
      });
      return `${rounds} killed`;
    });
  });
});

/** What has been sent to an instance that is gone is sent again to another: the shop has said that it may be. */
function tryingAgain(): Model {
  const retries: Retries = {
    attempts: 4,
    on: ['connect-failure', 'refused-stream', 'reset-before-request', 'reset'],
    budget: { percent: 100, minConcurrency: 20 },
  };
  const model = shop({ rules: [{ ...split(50), retries }] });
  return {
    ...model,
    // One that is back is asked again before the next is killed.
    trafficPolicies: [trafficPolicy(catalog, { outlierDetection: { interval: 100, baseEjectionTime: 300 } })],
    edges: model.edges.map((edge) => (Ref.equal(edge.to, catalog) ? { ...edge, retries } : edge)),
    routes: model.routes.map((route) =>
      route.kind === 'http' ? { ...route, rules: route.rules.map((rule) => ({ ...rule, retries })) } : route,
    ),
  };
}
