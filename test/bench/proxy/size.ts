import { MemorySource } from '../../../proxy/sources/memory';
import { podKey } from '../../../proxy/sources/source';
import { startControlPlane } from '../../behaviour/harness/control-plane';
import { startProxy } from '../../behaviour/harness/sidecar';
import { Container } from '../../support/envoy/container';
import { startEnvoy } from '../../support/envoy/process';
import { until } from '../../support/wait';
import { type Memory, memory, statisticNames } from './admin';
import { bindHere } from './bind-here';
import { identityOf, meshOf, observe, podOf, serviceOf } from './mesh-of';
import { heading, judge, note, ratio, table, whole } from './report';
import { simulate } from './simulation';
import { type Undo, undoing } from './undo';

interface Size {
  readonly services: number;
  readonly bytes: number;
  readonly resources: number;
  readonly allocated: number;
  readonly heap: number;
  readonly statistics: number;
}

const aims = { bytes: 12_000, allocated: 5_500_000, statistics: 280 } as const;

/** What one sidecar of five edges holds, in meshes of any size. */
export async function benchSize(quick: boolean, _: Undo): Promise<void> {
  heading(
    'size of one sidecar',
    `of a service that calls five others and is called by four, each with one instance, in meshes of any size. bytes: of all
resources that it is sent; allocated and heap: what its Envoy says of its memory; statistics: all that exist in it.`,
  );
  const sizes: Size[] = [];
  for (const services of quick ? [10, 1_000] : [10, 100, 1_000, 10_000]) {
    sizes.push(await undoing((undo) => sizeIn(services, undo)));
  }
  const [first] = sizes;
  if (!first) return;
  const empty = await undoing(memoryOfNothing);
  table([
    [
      'services',
      'resources',
      'bytes',
      'allocated',
      'heap',
      'statistics',
      'bytes beside the smallest',
      'allocated beside it',
    ],
    ...sizes.map((size) => [
      whole(size.services),
      whole(size.resources),
      whole(size.bytes),
      megabytes(size.allocated),
      megabytes(size.heap),
      whole(size.statistics),
      `${ratio(size.bytes / first.bytes)}x`,
      `${ratio(size.allocated / first.allocated)}x`,
    ]),
  ]);
  const most = (field: keyof Size) => Math.max(...sizes.map((size) => size[field]));
  judge('bytes of configuration', whole(most('bytes')), `${whole(aims.bytes)} at most`, most('bytes') <= aims.bytes);
  const growth = { bytes: most('bytes') / first.bytes, allocated: most('allocated') / first.allocated };
  judge('bytes, the largest mesh beside the smallest', `${ratio(growth.bytes)}x`, 'flat', growth.bytes < 1.05);
  judge(
    'memory of the Envoy, allocated',
    megabytes(most('allocated')),
    `${megabytes(aims.allocated)} at most`,
    most('allocated') <= aims.allocated,
  );
  note(
    `an Envoy that is told nothing at all: ${megabytes(empty.allocated)} allocated, heap ${megabytes(empty.heap)}; the sidecar has ${ratio(most('allocated') / empty.allocated)}x`,
  );
  judge('memory, the largest mesh beside the smallest', `${ratio(growth.allocated)}x`, 'flat', growth.allocated < 1.05);
  judge('statistics', whole(most('statistics')), `${aims.statistics} at most`, most('statistics') <= aims.statistics);
}

/** Not the first service, which everybody calls. */
const subject = 1;

async function sizeIn(services: number, undo: Undo): Promise<Size> {
  const model = meshOf(services);
  const source = new MemorySource();
  observe(source, model);
  const of = serviceOf(model, subject);
  const pod = podOf(of);

  source.setProxy(pod, await bindHere(model, of));

  const controlPlane = await startControlPlane(source);
  undo.push(() => controlPlane.close());
  const token = controlPlane.token(pod, identityOf(of));
  const simulation = await simulate(
    { port: controlPlane.port, trust: controlPlane.trust, connections: 1, proxies: [{ id: 'simulated', token }] },
    undo,
  );
  const { bytes, resources } = await simulation.connect();
  await simulation.disconnect();

  const proxy = await startProxy({
    kind: 'sidecar',
    cluster: `${of.namespace}/${of.name}`,
    controlPlane: { host: controlPlane.host, port: controlPlane.port },
    token,
    trust: controlPlane.trust,
  });
  undo.push(proxy.stop);
  await until('the sidecar to have all', async () => !(await controlPlane.unsettled()).has(podKey(pod)));
  const { allocated, heap } = await memory(proxy.adminSocket);
  return { services, bytes, resources, allocated, heap, statistics: (await statisticNames(proxy.adminSocket)).length };
}

/** What no configuration can go below. */
async function memoryOfNothing(undo: Undo): Promise<Memory> {
  const container = new Container();
  undo.push(() => container.remove());
  const socket = `${container.paths.runtime}/admin.sock`;
  const envoy = await startEnvoy({ admin: { address: { pipe: { path: socket } } } });
  undo.push(envoy.stop);
  return memory(socket);
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
