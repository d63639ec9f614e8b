import type { Endpoint } from '../../lib/envoy';
import { lookup, type Model, names, Ref, sharedServices } from '../../lib/model';
import { endpointsKey } from '../../proxy/sources/source';
import type { RunningPod } from './running-pod';

/** What of a pod bears on who is sent where. */
export type ServingPod = Pick<RunningPod, 'pod' | 'portOf' | 'serves' | 'proxyIsReady' | 'isEnding'>;

/** Where callers find the instances of each service: at their proxies, as soon as proxy and application are ready. */
export function endpointsOf(model: Model, pods: readonly ServingPod[]): ReadonlyMap<string, readonly Endpoint[]> {
  const endpoints = new Map<string, Endpoint[]>();
  const add = (key: string, endpoint: Endpoint) => endpoints.set(key, [...(endpoints.get(key) ?? []), endpoint]);
  for (const running of pods) {
    const { of } = running.pod;
    if (of.kind === 'service') addInstance(model, running, of, add);
    if (of.kind === 'proxy' && running.proxyIsReady && !running.isEnding) addProxy(model, running, of, add);
  }
  return endpoints;
}

type Add = (key: string, endpoint: Endpoint) => void;

function addInstance(
  model: Model,
  running: ServingPod,
  of: Extract<ServingPod['pod']['of'], { kind: 'service' }>,
  add: Add,
): void {
  const service = lookup(model).service(of.service);
  const meshed = running.pod.proxy !== undefined;
  for (const { port, targetPort, protocol } of service?.ports ?? []) {
    if (protocol === 'udp' || !running.serves(targetPort)) continue;
    const at = running.portOf({ kind: meshed ? 'inbound' : 'application', applicationPort: targetPort });
    if (at === undefined) continue;
    const { version, instance } = of;
    // Behind a shared proxy only that proxy calls it, in plain text.
    add(endpointsKey({ kind: meshed ? 'service' : 'behind', service: of.service, port }), {
      address: '127.0.0.1',
      port: at,
      meshed,
      ...(version !== undefined && { version }),
      ...(instance !== undefined && { instance }),
      state: 'ready',
    });
  }
}

function addProxy(
  model: Model,
  running: ServingPod,
  of: Extract<ServingPod['pod']['of'], { kind: 'proxy' }>,
  add: Add,
): void {
  const at = (port: number): Endpoint[] => {
    const number = running.portOf({ kind: 'listener', port });
    return number === undefined ? [] : [{ address: '127.0.0.1', port: number, meshed: true, state: 'ready' }];
  };
  if (of.proxy === 'egress-gateway') {
    for (const endpoint of at(names.ports.egress))
      add(endpointsKey({ kind: 'egressGateway', gateway: of.name }), endpoint);
  }
  if (of.proxy !== 'shared-proxy') return;
  const shared = model.sharedProxies.find((one) => Ref.equal(one, of.name));
  const services = shared ? sharedServices(shared).flatMap((ref) => lookup(model).service(ref) ?? []) : [];
  for (const { service, port, at: listener } of names.sharedPorts(services)) {
    for (const endpoint of at(listener)) add(endpointsKey({ kind: 'service', service, port }), endpoint);
  }
}
