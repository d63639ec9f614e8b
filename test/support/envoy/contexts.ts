import { type Binding, type Context, concern, MeshProxy, nothingObserved } from '../../../lib/envoy';
import { lookup, type Model } from '../../../lib/model';

/** All that the configuration of a proxy is made from, in a pod of its own, where nothing is observed yet. */
export function contextOf(mesh: Model, proxy: MeshProxy, over: Partial<Context> = {}): Context {
  const identity = MeshProxy.identity(mesh, proxy);
  if (!identity) throw new Error(`the mesh does not have ${MeshProxy.key(proxy)}`);
  return {
    model: concern(mesh, proxy),
    proxy,
    identity,
    binding: podBinding(mesh, proxy),
    surroundings: nothingObserved,
    systemRoots: '/etc/ssl/certs/ca-certificates.crt',
    ...over,
  };
}

export function podBinding(mesh: Model, proxy: MeshProxy): Binding {
  const service =
    proxy.kind === 'sidecar' && proxy.member.kind === 'service' ? lookup(mesh).service(proxy.member) : undefined;
  const ports = service?.ports.filter(({ protocol }) => protocol !== 'udp').map(({ targetPort }) => targetPort) ?? [];
  return { kind: 'pod', applicationPorts: [...new Set(ports)].sort((a, b) => a - b) };
}
