import { canonical } from '../../../lib/model';
import { Mesh } from '../../behaviour/harness/mesh';
import { edge, model, service, workload } from '../../support/model-builder';
import { startBackend } from './backend';
import { cores, pin } from './machine';
import type { Subject } from './requests';
import type { Undo } from './undo';

/** Pairs of sidecars, each of a caller and of the service that it calls, as the control plane configures them by default. */
export async function sidecarPairs(count: number, undo: Undo): Promise<readonly Subject[]> {
  const pairs = Array.from({ length: count }, (_, index) => {
    const callee = service(`server-${index}`);
    const caller = workload(`client-${index}`);
    return { callee, caller, edge: edge(caller, callee) };
  });
  const mesh = await Mesh.start(
    canonical(
      model({
        services: pairs.map(({ callee }) => callee),
        workloads: pairs.map(({ caller }) => caller),
        edges: pairs.map((pair) => pair.edge),
      }),
    ),
    { applications: Object.fromEntries(pairs.map(({ callee }) => [callee.name, ({ port }) => startBackend(port)])) },
  );
  undo.push(() => mesh.stop());
  return pairs.map(({ callee, caller }) => {
    const proxies = [callee, caller].map(({ name }) => mesh.proxy(name).pid);
    for (const pid of proxies) pin(pid, cores.measured);
    const url = `http://127.0.0.1:${mesh.upstream(caller.name, callee.name)}/`;
    return { url, host: callee.name, proxies };
  });
}
