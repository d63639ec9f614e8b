import { MeshProxy } from '../../../lib/envoy';
import { lookup, type Model } from '../../../lib/model';

/** Every proxy that a mesh has, in the order of its model. Services behind a shared proxy have no sidecars. */
export function proxiesOf(model: Model): readonly MeshProxy[] {
  const find = lookup(model);
  return [
    ...model.services
      .filter((service) => !find.sharedProxy(service))
      .flatMap(({ namespace, name, versions }): readonly MeshProxy[] =>
        (versions.length === 0 ? [undefined] : versions).map((version) => ({
          kind: 'sidecar',
          member: { kind: 'service', namespace, name, ...(version && { version: version.name }) },
        })),
      ),
    ...model.workloads.map(
      ({ namespace, name }): MeshProxy => ({ kind: 'sidecar', member: { kind: 'workload', namespace, name } }),
    ),
    ...(['gateway', 'egress-gateway', 'shared-proxy'] as const).flatMap((kind) =>
      standing[kind](model).map(({ namespace, name }): MeshProxy => ({ kind, namespace, name })),
    ),
  ];
}

const standing = {
  gateway: (model: Model) => model.gateways,
  'egress-gateway': (model: Model) => model.egressGateways,
  'shared-proxy': (model: Model) => model.sharedProxies,
};

/** The proxy of this key ({@link MeshProxy.key}). */
export function proxyOf(model: Model, key: string): MeshProxy {
  const found = proxiesOf(model).find((proxy) => MeshProxy.key(proxy) === key);
  if (!found) throw new Error(`the mesh has no proxy ${key}, only ${proxiesOf(model).map(MeshProxy.key).join(', ')}`);
  return found;
}
