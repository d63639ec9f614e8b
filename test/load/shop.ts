import { canonical, type HttpRule, type Model } from '../../lib/model';
import type { MeshOptions } from '../behaviour/harness/mesh';
import {
  backend,
  edge,
  gateway,
  gatewayRoute,
  httpRoute,
  httpRule,
  mesh,
  model,
  service,
  version,
  workload,
} from '../support/model-builder';

/** What stands in the shop of every case: `web` calls `catalog`, of which there are two versions, and so does the world. */
export const web = workload('web');
export const catalog = service('catalog', { versions: [version('v1'), version('v2')] });
export const publicGateway = gateway('public');

export interface Shop {
  /** Rules of calls to the catalog. @default half of the requests to each version */
  readonly rules?: readonly HttpRule[];
  readonly over?: (shop: Model) => Model;
}

export function shop({ rules = [split(50)], over = (same) => same }: Shop = {}): Model {
  return canonical(
    over(
      model({
        mesh: mesh(),
        services: [catalog],
        workloads: [web],
        edges: [edge(web, catalog)],
        routes: [httpRoute(catalog, rules), gatewayRoute(publicGateway, catalog)],
        gateways: [publicGateway],
      }),
    ),
  );
}

/** So many percent of the requests go to the first version, the others to the second. */
export function split(percent: number): HttpRule {
  return httpRule({
    action: {
      kind: 'forward',
      backends: [
        backend(catalog, { version: 'v1', weight: percent }),
        backend(catalog, { version: 'v2', weight: 100 - percent }),
      ],
    },
  });
}

export const twoOfEach: MeshOptions = {
  instances: { catalog: [{ version: 'v1' }, { version: 'v1' }, { version: 'v2' }, { version: 'v2' }] },
};
