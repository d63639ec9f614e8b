import { connect } from 'node:http2';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaults } from '../../lib/model';
import { Mesh } from '../behaviour/harness/mesh';
import { SimulatedProxy } from '../bench/proxy/simulated-proxy';
import { httpRule, mesh, ref } from '../support/model-builder';
import { until } from '../support/wait';
import { accountAtEnd } from './account';
import { again, caseTimeout } from './duration';
import { shop, split, twoOfEach, web } from './shop';
import { become, underLoad } from './traffic';

/** The control plane goes away, comes back, is stormed and refused, while requests flow: none of them fails. */

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(shop(), { ...twoOfEach, drain: 2 });
});
afterAll(() => running?.stop());
accountAtEnd();

describe('no request fails while', () => {
  it('the control plane is away and comes back; what changed meanwhile arrives', { timeout: caseTimeout }, async () => {
    const loads = await underLoad(running, 'control plane away', 500, async (flow) => {
      await running.certificates.stop();
      // Longer than its proxies take to notice and to try again a few times.
      await delay(3_000);
      await become(running, shop({ rules: [split(100)] }));
      await running.certificates.restart();
      await running.settled();
      await flow(50);
      return 'away for 3 s';
    });
    expect([...(loads[0]?.instances.keys() ?? [])].some((name) => name.startsWith('catalog-v2'))).toBe(true);
    running.reset();
    await Promise.all(Array.from({ length: 20 }, () => running.call('web', 'catalog')));
    expect(running.backends('catalog').flatMap(({ received }) => received.map(({ version }) => version))).toEqual(
      Array.from({ length: 20 }, () => 'v1'),
    );
  });

  it('it restarts again and again, and all proxies come back at once', { timeout: caseTimeout }, async () => {
    await underLoad(running, 'control plane restarts', 200, async (flow) => {
      const rounds = await again(4, async (round) => {
        await running.certificates.restart();
        await become(running, shop({ rules: [split(round % 2 === 0 ? 50 : 51)] }));
        await running.settled();
        await flow(20);
      });
      return `${rounds} restarts`;
    });
  });

  it('proxies refuse what they are given, and are given better', { timeout: caseTimeout }, async () => {
    await underLoad(running, 'refused configuration', 300, async (flow) => {
      const rounds = await again(2, async (round) => {
        const before = await refusals();
        await become(running, round % 2 === 0 ? withoutSense.routes : withoutSense.listeners);
        await until('a proxy to refuse it', async () => (await refusals()) > before);
        await flow(30);
        await become(running, shop({ rules: [split(40 + (round % 20))] }));
        await running.settled();
        await flow(10);
      });
      return `${rounds} refused and mended`;
    });
  });

  it('hundreds of proxies connect and vanish, again and again', { timeout: caseTimeout }, async () => {
    await underLoad(running, 'storm of connections', 200, async (flow) => {
      const { port, trust } = running.certificates;
      const pods = Array.from({ length: 90 }, (_, index) => ({ namespace: 'shop', name: `web-storm-${index}` }));
      const tokens = pods.map((pod) => running.certificates.token(pod, running.identity('web')));
      let connected = 0;
      const rounds = await again(3, async (round) => {
        if (round % 2 === 1) await running.certificates.restart();
        const session = connect(`https://localhost:${port}`, { ca: trust });
        session.on('error', () => {});
        for (const pod of pods) running.source.setProxy(pod, beside);
        await nextTurn();
        const proxies = tokens.map((token, index) => new SimulatedProxy(`storm-${index}`, token));
        await Promise.all(
          proxies.map(
            (proxy) =>
              new Promise<void>((resolve, reject) => {
                proxy.lost = () => reject(new Error('the control plane has ended a stream'));
                proxy.arrived = () => proxy.complete && resolve();
                proxy.connect(session);
              }),
          ),
        );
        connected += proxies.length;
        for (const proxy of proxies) proxy.lost = () => {};
        session.destroy();
        for (const pod of pods) running.source.removeProxy(pod);
        await flow(5);
      });
      await running.settled();
      return `${connected} connections in ${rounds} waves`;
    });
  });
});

/** Sidecars of one workload, each in a pod of its own. */
const beside = {
  proxy: { kind: 'sidecar', member: { kind: 'workload', ...ref(web) } },
  binding: { kind: 'pod', applicationPorts: [] },
} as const;

/** Passes every rule of Envoy's API, and still no Envoy takes it. */
const withoutSense = {
  routes: shop({ rules: [httpRule({ matches: [{ path: { kind: 'regex', pattern: '(' }, headers: [], query: [] }] })] }),
  listeners: shop({
    over: (model) => ({
      ...model,
      mesh: mesh({
        telemetry: { ...defaults.telemetry, accessLog: { enabled: true, format: { kind: 'text', line: '%NOTHING%' } } },
      }),
    }),
  }),
};

/** How often any proxy has refused something. */
async function refusals(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${running.certificates.adminPort}/metrics`)).text();
  const counts = [...text.matchAll(/^meshwright_config_rejected_total\{[^}]*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
