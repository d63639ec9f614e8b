import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../../../lib/model';
import { MemorySource } from '../../../proxy/sources/memory';
import { podKey } from '../../../proxy/sources/source';
import { startControlPlane } from '../../behaviour/harness/control-plane';
import { startProxy } from '../../behaviour/harness/sidecar';
import { until } from '../../support/wait';
import { bindHere } from './bind-here';
import { fineClock } from './fine-clock';
import { endpoint, endpointsOf, identityOf, meshOf, observe, podOf, serviceOf } from './mesh-of';
import { heading, judge, median, milliseconds, quantile, ratio, table } from './report';
import { simulate } from './simulation';
import type { Undo } from './undo';

/** How long an endpoint that has changed takes to be in use. */
export async function benchChange(quick: boolean, undo: Undo): Promise<void> {
  heading(
    'time from a changed endpoint to its acknowledgement',
    `in a mesh of 1,000 services: from the source's being told to the acknowledgement, over TLS. Envoy: a real one, which
takes the endpoint into use before it acknowledges; at once: a client that acknowledges and does nothing else.`,
  );
  const model = meshOf(1_000);
  const source = new MemorySource();
  observe(source, model);
  const [real, simulated] = [serviceOf(model, 1), serviceOf(model, 500)];
  source.setProxy(podOf(real), await bindHere(model, real));
  const controlPlane = await startControlPlane(source, { clock: fineClock });
  undo.push(() => controlPlane.close());
  const tokenOf = (of: Service) => controlPlane.token(podOf(of), identityOf(of));

  const proxy = await startProxy({
    kind: 'sidecar',
    cluster: `${real.namespace}/${real.name}`,
    controlPlane: { host: controlPlane.host, port: controlPlane.port },
    token: tokenOf(real),
    trust: controlPlane.trust,
  });
  undo.push(proxy.stop);
  await until('the sidecar to have all', async () => !(await controlPlane.unsettled()).has(podKey(podOf(real))));
  const { port, trust } = controlPlane;
  const one = { id: 'simulated', token: tokenOf(simulated) };
  await (await simulate({ port, trust, connections: 1, proxies: [one] }, undo)).connect();

  const timeOf = async (callee: Service, round: number): Promise<number> => {
    const before = await pushes(controlPlane.adminPort);
    source.setEndpoints(endpointsOf(callee), [endpoint(40_000 + round)]);
    // Whoever looked all the time would be in the way.
    await delay(15);
    const after = await until('the acknowledgement', async () => {
      const now = await pushes(controlPlane.adminPort);
      return now.count > before.count && now;
    });
    return (after.seconds - before.seconds) * 1e6;
  };
  const times = { envoy: [] as number[], atOnce: [] as number[] };
  const warmUp = 20;
  for (let round = -warmUp; round < (quick ? 100 : 400); round++) {
    const envoy = await timeOf(serviceOf(model, 3), round + warmUp);
    const atOnce = await timeOf(serviceOf(model, 503), round + warmUp);
    if (round < 0) continue;
    times.envoy.push(envoy);
    times.atOnce.push(atOnce);
  }
  const row = (name: string, of: readonly number[]) => [
    name,
    ...[0.5, 0.9, 0.99].map((share) => milliseconds(quantile(of, share))),
    `${ratio(median(of) / median(times.atOnce))}x`,
  ];
  table([['', 'p50', 'p90', 'p99', 'p50 beside at once'], row('Envoy', times.envoy), row('at once', times.atOnce)]);
  const p50 = median(times.envoy);
  judge('time to the acknowledgement, p50', milliseconds(p50), '4 ms at most', p50 <= 4_000);
}

/** How many changes have been acknowledged and how long that took in all, as the control plane itself counts. */
async function pushes(adminPort: number): Promise<{ readonly count: number; readonly seconds: number }> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name}(?:{})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const metric = 'meshwright_push_duration_seconds';
  return { count: value(`${metric}_count`), seconds: value(`${metric}_sum`) };
}
