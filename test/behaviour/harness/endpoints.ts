import type { Endpoint, Place } from '../../../lib/envoy';
import { lookup, type Model, names, type Ref } from '../../../lib/model';
import { endpointsKey, podKey } from '../../../proxy/sources/source';
import type { Pod } from './population';

/** Instances as their callers meet them: by their proxies, or themselves where they have none. By `endpointsKey`. */
export function endpointsOf(
  model: Model,
  pods: readonly Pod[],
  portOf: (pod: Ref, place: Place) => number,
): ReadonlyMap<string, readonly Endpoint[]> {
  const found = new Map<string, Endpoint[]>();
  const add = (key: string, endpoint: Endpoint) => found.set(key, [...(found.get(key) ?? []), endpoint]);
  for (const { pod, proxy, application, locality } of pods) {
    const place = { address: '127.0.0.1', ...(locality && { locality }) };
    if (proxy?.kind === 'egress-gateway') {
      const port = portOf(pod, { kind: 'listener', port: names.ports.egress });
      add(endpointsKey({ kind: 'egressGateway', gateway: proxy }), { ...place, port, meshed: true, state: 'ready' });
    }
    for (const port of application?.ports ?? []) {
      const { service, instance } = application ?? {};
      if (!service || !instance) continue;
      const own = {
        ...place,
        state: instance.state ?? 'ready',
        ...(instance.version === undefined ? {} : { version: instance.version }),
        ...(service.instances ? { instance: instance.name } : {}),
      } as const;
      const at = (kind: 'inbound' | 'application') => portOf(pod, { kind, applicationPort: port.targetPort });
      const key = { service: { namespace: service.namespace, name: service.name }, port: port.port };
      const shared = lookup(model).sharedProxy(service);
      if (shared) {
        add(endpointsKey({ kind: 'behind', ...key }), { ...own, port: at('application'), meshed: false });
      } else if (proxy) {
        add(endpointsKey({ kind: 'service', ...key }), { ...own, port: at('inbound'), meshed: true });
      } else {
        add(endpointsKey({ kind: 'service', ...key }), { ...own, port: at('application'), meshed: false });
      }
    }
  }
  for (const shared of model.sharedProxies) {
    const services = model.services.filter(
      ({ namespace, name }) => namespace === shared.namespace && shared.services.includes(name),
    );
    const pod = { namespace: shared.namespace, name: `${names.proxyObject('shared-proxy', shared.name)}-0` };
    if (!pods.some((one) => podKey(one.pod) === podKey(pod))) continue;
    for (const { service, port, at } of names.sharedPorts(services)) {
      const endpoint: Endpoint = {
        address: '127.0.0.1',
        port: portOf(pod, { kind: 'listener', port: at }),
        meshed: true,
        state: 'ready',
      };
      add(endpointsKey({ kind: 'service', service, port }), endpoint);
    }
  }
  return found;
}
