import type { Endpoint } from '../../../lib/envoy';
import { canonical, type Identity, type Model, type Service } from '../../../lib/model';
import type { MemorySource } from '../../../proxy/sources/memory';
import { endpointsKey } from '../../../proxy/sources/source';
import { edge, model, port, ref, service } from '../../support/model-builder';

/** Services of one team share a namespace. */
const teamSize = 100;

/**
 * A mesh of so many services, each of which calls five others: the four after it, and the first one, which all call. So each is
 * called by four, and one by everybody.
 */
export function meshOf(count: number): Model {
  const services = Array.from({ length: count }, (_, index) =>
    service(`service-${index}`, { namespace: `team-${Math.floor(index / teamSize)}`, ports: [port('http')] }),
  );
  const edges = services.flatMap((from, index) => {
    const others = [1, 2, 3, 4].map((step) => (index + step) % count);
    const all = new Set([...others, 0, (index + 5) % count].filter((other) => other !== index));
    return [...all]
      .slice(0, 5)
      .flatMap((other) => services[other] ?? [])
      .map((to) => edge(from, to));
  });
  return canonical(model({ services, edges }));
}

export function serviceOf(model: Model, index: number): Service {
  const name = `service-${index}`;
  const found = model.services.find((one) => one.name === name);
  if (!found) throw new Error(`the mesh has no ${name}`);
  return found;
}

export function podOf(of: Service): { readonly namespace: string; readonly name: string } {
  return { namespace: of.namespace, name: `${of.name}-0` };
}

/** Tells a source of the mesh: an instance of each service, which listens nowhere, and its sidecar. */
export function observe(source: MemorySource, model: Model): void {
  source.setModel(model);
  for (const [index, of] of model.services.entries()) {
    source.setEndpoints(endpointsOf(of), [endpoint(index)]);
    source.setProxy(podOf(of), {
      proxy: { kind: 'sidecar', member: { kind: 'service', ...ref(of) } },
      binding: { kind: 'pod', applicationPorts: of.ports.map(({ targetPort }) => targetPort) },
    });
  }
}

export function endpointsOf(of: Service): string {
  return endpointsKey({ kind: 'service', service: ref(of), port: of.ports[0]?.port ?? 80 });
}

export function endpoint(index: number): Endpoint {
  const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  return { address, port: 15_100, meshed: true, state: 'ready' };
}

export function identityOf({ namespace, serviceAccount }: Service): Identity {
  return { namespace, serviceAccount };
}
