import { dashboards, rules } from './dashboards';
import { bootstrapFiles } from './envoy';
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
  standaloneBootstrap,
} from './kubernetes/running';
import { type Model, memoryBytes, names } from './model';

/** What a model becomes in a cluster, but for its workloads. */
export interface Rendered {
  readonly objects: readonly Manifest[];
  /** Of the proxies' bootstrap: pods carry it, so that a change of it starts them anew. */
  readonly bootstrapHash: string;
}

/** Every object of a mesh but its workloads: a pure function of the model. */
export function render(model: Model): Rendered {
  const files = proxyFiles(model);
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

/** What the proxies of every namespace start with. */
function proxyFiles({ mesh }: Model): { readonly [file: string]: string } {
  const own = {
    cluster: '',
    controlPlane: { host: names.qualifiedHost(controlPlaneService(mesh), mesh.clusterDomain), port: names.ports.xds },
    paths: {
      runtime: names.paths.run,
      trust: names.paths.configuration,
      token: names.paths.configuration,
      config: names.paths.configuration,
    },
    latencyBuckets: mesh.telemetry.metrics?.latencyBuckets,
  };
  const limit = mesh.proxy.resources.limits?.memory;
  const sidecar = bootstrapFiles({
    ...own,
    kind: 'sidecar',
    memoryLimit: limit === undefined ? undefined : memoryBytes(limit),
  });
  const standing = bootstrapFiles({ ...own, kind: 'gateway' });
  return {
    ...Object.fromEntries(Object.entries(sidecar).map(([file, content]) => [file, text(content)])),
    [standaloneBootstrap]: text(standing['envoy.json']),
    // The sidecar's own: the pod's leads the names of upstreams to the sidecar itself.
    hosts: '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n',
  };
}

function controlPlaneService({ namespace }: Model['mesh']) {
  return { namespace, name: names.objects.controlPlane };
}

function text(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
