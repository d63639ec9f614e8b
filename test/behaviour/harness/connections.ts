import { isDeepStrictEqual } from 'node:util';
import type { Model } from '../../../lib/model';
import { until } from '../../support/wait';
import type { Mesh } from './mesh';

/** A proxy, whom it calls, and whom the application of `web` calls to bring that about. */
export type Way = readonly [proxy: string, to: string, called: string];

/**
 * Changes the mesh, and where what is observed of it has changed, waits until nobody is served as before: a connection between two
 * proxies stays with what its listener was until that is drained ({@link MeshOptions.drain}), so each has to have made another.
 */
export async function applyToConnections(mesh: Mesh, model: Model, ways: readonly Way[]): Promise<void> {
  const observed = ({ mesh: { telemetry }, telemetries }: Model) => [telemetry, telemetries];
  const same = isDeepStrictEqual(observed(mesh.declared), observed(model));
  const made = (proxy: string, to: string) =>
    mesh.statistic(proxy, new RegExp(`^cluster\\.outbound\\|80\\|\\|shop\\|${to}\\.upstream_cx_total$`));
  const before = await Promise.all(ways.map(([proxy, to]) => made(proxy, to)));
  await mesh.apply(model);
  if (same) return;
  const connected = ways.map(([proxy, to, called], i) =>
    until(`a new connection of ${proxy} to ${to}`, async () => {
      await mesh.call('web', called);
      return (await made(proxy, to)) > (before[i] ?? 0);
    }),
  );
  await Promise.all(connected);
}
