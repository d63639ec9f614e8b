import { Identity, lookup, type Model, names, type Service, type Workload } from '../../model';
import { everyPodIn, type Peer, podsIn } from './network-peers';

const known = new WeakMap<Model, ReadonlyMap<string, Peer>>();

/**
 * The pods that run as an identity. A NetworkPolicy cannot ask for a service account, so they are found by the labels of
 * what the model says runs as it; of an identity that the model does not hold, the namespace is all that is known.
 */
export function podsOfIdentity(model: Model, identity: Identity): readonly Peer[] {
  const runners = lookup(model).running(identity);
  const proxy = proxiesOf(model).get(Identity.key(identity));
  const peers = [...runners.map(podsOf), ...(proxy ? [proxy] : [])];
  return peers.length > 0 ? peers : [everyPodIn(identity.namespace)];
}

const pods = new WeakMap<Service | Workload, Peer>();

/** The pods of a service or workload: one object for all rules that speak of them. */
export function podsOf(runner: Service | Workload): Peer {
  let peer = pods.get(runner);
  if (!peer) {
    peer = podsIn(runner.namespace, runner.selector);
    pods.set(runner, peer);
  }
  return peer;
}

function proxiesOf(model: Model): ReadonlyMap<string, Peer> {
  const existing = known.get(model);
  if (existing) return existing;
  const of = (kind: names.ProxyKind, proxies: readonly { readonly namespace: string; readonly name: string }[]) =>
    proxies.map(({ namespace, name }): readonly [string, Peer] => [
      Identity.key({ namespace, serviceAccount: names.proxyObject(kind, name) }),
      podsIn(namespace, names.proxySelector(kind, name)),
    ]);
  const made = new Map([
    ...of('gateway', model.gateways),
    ...of('egress-gateway', model.egressGateways),
    ...of('shared-proxy', model.sharedProxies),
  ]);
  known.set(model, made);
  return made;
}
