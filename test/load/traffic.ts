import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Model } from '../../lib/model';
import type { Mesh } from '../behaviour/harness/mesh';
import { account } from './account';
import { loadOf, type SteadyLoad } from './steady-load';

/** Requests that flow through the shop: of `web` through its sidecar, and of the world through the gateway. */
export function traffic(mesh: Mesh): readonly SteadyLoad[] {
  return [
    loadOf(mesh.upstream('web', 'catalog'), { host: 'catalog', connections: 6 }),
    loadOf(mesh.listener('public-gateway', 80), { host: 'shop.example', connections: 6 }),
  ];
}

/** Does something while requests flow, gives an account of them, and demands that none has failed. */
export async function underLoad(
  mesh: Mesh,
  what: string,
  least: number,
  work: (flow: (requests: number) => Promise<void>) => Promise<string>,
): Promise<readonly SteadyLoad[]> {
  const loads = traffic(mesh);
  const flow = async (requests: number) => void (await Promise.all(loads.map((load) => load.more(requests))));
  let happened = 'it failed';
  try {
    await flow(50);
    happened = await work(flow);
    await flow(50);
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
    account(what, happened, loads, happened === 'it failed' ? 0 : least);
  }
  return loads;
}

/** Lets the mesh become another without waiting for anything: as fast as somebody could commit. */
export async function become(mesh: Mesh, model: Model): Promise<void> {
  mesh.source.setModel(model);
  await nextTurn();
}
