import { names } from '../../../lib/model';
import { MemorySource } from '../../../proxy/sources/memory';
import { resourceTypes } from '../../../proxy/xds';
import { startControlPlane } from '../../behaviour/harness/control-plane';
import { ref } from '../../support/model-builder';
import { processorTime } from './machine';
import { endpoint, endpointsOf, identityOf, meshOf, observe, podOf, serviceOf } from './mesh-of';
import { heading, judge, note, ratio, table, whole } from './report';
import { simulate } from './simulation';
import type { Undo } from './undo';

/** Many proxies connect at once, and once more after all of them have lost their control plane. */
export async function benchConnections(quick: boolean, undo: Undo): Promise<void> {
  const count = quick ? 200 : 1_000;
  heading(
    `cold connection of ${whole(count)} proxies`,
    `each of a service of its own with five edges: nothing is shared but what is the same. Simulated: delta xDS over HTTP/2 on
16 connections, in a process of their own. cold: nothing was ever computed; again: all of them at once, with what they have,
after the endpoint of a service that all of them call has changed.`,
  );
  const model = meshOf(count + 1);
  const source = new MemorySource();
  observe(source, model);
  const controlPlane = await startControlPlane(source);
  undo.push(() => controlPlane.close());
  const callers = model.services.filter(({ name }) => name !== 'service-0');
  const proxies = callers.map((of) => {
    const pod = podOf(of);
    return {
      id: pod.name,
      token: controlPlane.token(pod, identityOf(of)),
    };
  });
  const { port, trust } = controlPlane;
  const simulated = await simulate({ port, trust, connections: 16, proxies }, undo);

  const worked = () => (processorTime(process.pid) ?? Number.NaN) / 1e6;
  const before = worked();
  const cold = await simulated.connect();
  const between = worked();
  await simulated.disconnect();

  const hub = serviceOf(model, 0);
  source.setEndpoints(endpointsOf(hub), [endpoint(65_000)]);
  const beforeAgain = worked();
  const again = await simulated.connect(`${resourceTypes.endpoints} ${names.outboundCluster(ref(hub), 80)}`);
  const after = worked();

  const surplus = again.bytes - again.waitedForBytes;
  table([
    ['', 'in all', 'of the cold one', 'work of the control plane', 'a proxy', 'resources', 'bytes'],
    [
      'cold',
      seconds(cold.milliseconds),
      '',
      seconds(between - before),
      `${((between - before) / count).toFixed(2)} ms`,
      whole(cold.resources),
      whole(cold.bytes),
    ],
    [
      'again',
      seconds(again.milliseconds),
      `${ratio(again.milliseconds / cold.milliseconds)}x`,
      seconds(after - beforeAgain),
      `${((after - beforeAgain) / count).toFixed(2)} ms`,
      whole(again.resources),
      whole(again.bytes),
    ],
  ]);
  note(`of what came again, ${whole(again.waitedForBytes)} bytes are the endpoint that had changed`);
  judge('bytes resent beyond what changed', whole(surplus), 'none', surplus === 0);
}

const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(2)} s`;
