import { type Binding, Place } from '../../../lib/envoy';
import { type Model, type Service, upstreamsOf } from '../../../lib/model';
import type { ObservedProxy } from '../../../proxy/sources/source';
import { freePort } from '../../behaviour/harness/ports';
import { ref } from '../../support/model-builder';

/** The sidecar of a service on this machine: each of its places is a port of 127.0.0.1. */
export async function bindHere(model: Model, of: Service): Promise<ObservedProxy> {
  const identity = { namespace: of.namespace, serviceAccount: of.serviceAccount };
  const places: readonly Place[] = [
    { kind: 'readiness' },
    ...of.ports.flatMap(({ targetPort }): Place[] => [
      { kind: 'inbound', applicationPort: targetPort },
      { kind: 'application', applicationPort: targetPort },
    ]),
    ...upstreamsOf(model, identity).flatMap(({ address, edges }) =>
      edges.map(({ port, at }): Place => ({ kind: 'upstream', address, port: at ?? port })),
    ),
  ];
  const ports: [string, number][] = [];
  for (const place of places) ports.push([Place.key(place), await freePort()]);
  const binding: Binding = { kind: 'assigned', ports: Object.fromEntries(ports) };
  return { proxy: { kind: 'sidecar', member: { kind: 'service', ...ref(of) } }, binding };
}
