import { dashboards, rules } from './dashboards';
import { bootstrap, tokenSecret } from './envoy';
import { gatewayApiDefinitions, meshwrightDefinitions } from './kubernetes/crds';
import { encode } from './kubernetes/declared';
import type { Manifest } from './kubernetes/manifest';
import {
  bootstrapConfig,
  bootstrapHash,
  controlPlane,
  dashboardObjects,
  namespaceObjects,
  networkPolicies,
  podMonitors,
  proxyObjects,
  ruleObjects,
} from './kubernetes/running';
import { type Model, names } from './model';

/** What a model becomes in a cluster, but for its workloads. */
export interface Rendered {
  readonly objects: readonly Manifest[];
  /** Of the proxies' bootstrap: pods carry it, so that a change of it starts them anew. */
  readonly bootstrapHash: string;
}

/** Every object of a mesh but its workloads: a pure function of the model. */
export function render(model: Model): Rendered {
  const files = bootstrapFiles(model);
  const hash = bootstrapHash(files);
  const namespaces = names.meshNamespaces(model);
  return {
    objects: [
      ...meshwrightDefinitions(),
      ...(model.mesh.gatewayApi ? gatewayApiDefinitions(model.mesh.gatewayApi) : []),
      ...namespaceObjects(model),
      ...controlPlane(model),
      ...encode(model),
      ...namespaces.map((namespace) => bootstrapConfig(model, namespace, files)),
      ...proxyObjects(model, { bootstrapHash: hash }),
      ...networkPolicies(model),
      ...dashboardObjects(model, dashboards(model)),
      ...ruleObjects(model, rules(model)),
      ...podMonitors(model),
    ],
    bootstrapHash: hash,
  };
}
