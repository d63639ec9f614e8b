import fc from 'fast-check';
import { canonical, Identity, type Model, Ref, type Service, type SharedProxy } from '../../../lib/model';
import { egressGateway, gateway, sharedProxy } from './gateway';
import { mesh } from './mesh';
import { externalService, service, workload } from './parts';
import { accessPolicy, type Callable, canary, edge, serviceTelemetry, trafficPolicy } from './policies';
import { routes } from './route';

const namespaces = ['storefront', 'backend', 'data'];

/**
 * Any legal mesh in its canonical form: every field of the model's types now and then, every name legal, every reference to
 * something that is there. It makes no claim beyond the objects: a rule of analysis may still warn of it.
 */
export function arbitraryModel(): fc.Arbitrary<Model> {
  return members.chain((all) =>
    fc
      .record({
        mesh,
        edges: edges(all),
        routes: routes({
          namespaces,
          services: all.services,
          callers: all.callers,
          listeners: all.gateways.flatMap(({ namespace, name: gatewayName, listeners }) =>
            listeners.map((listener) => ({
              gateway: { namespace, name: gatewayName },
              name: listener.name,
              protocol: listener.protocol,
            })),
          ),
        }),
        trafficPolicies: namedApart(trafficPolicy(all.services)),
        accessPolicies: namedApart(
          accessPolicy(
            [...all.services, ...all.workloads].map(refOf),
            all.callers,
            all.services.map(refOf),
            namespaces,
          ),
        ),
        canaries: all.divided.length > 0 ? namedApart(canary(all.divided)) : fc.constant([]),
        telemetries: namedApart(serviceTelemetry(all.services)),
      })
      .map(({ mesh: made, ...rest }) => {
        const { services, workloads, externalServices, gateways, egressGateways, sharedProxies } = all;
        return canonical({
          mesh: made,
          services,
          workloads,
          externalServices,
          gateways,
          egressGateways,
          sharedProxies,
          ...rest,
        });
      }),
  );
}

type Members = Pick<
  Model,
  'services' | 'workloads' | 'externalServices' | 'gateways' | 'egressGateways' | 'sharedProxies'
> & {
  readonly callers: readonly Identity[];
  /** Services with two versions at least. */
  readonly divided: readonly Service[];
};

const members: fc.Arbitrary<Members> = fc
  .record({
    services: fc.array(service(fc.constantFrom(...namespaces)), { minLength: 1, maxLength: 4 }),
    workloads: fc.array(workload(fc.constantFrom(...namespaces)), { maxLength: 2 }),
    externalServices: fc.array(externalService(fc.constantFrom(...namespaces)), { maxLength: 2 }),
    gateways: fc.array(gateway(namespaces), { maxLength: 2 }),
    egressGateways: fc.array(egressGateway(namespaces), { maxLength: 1 }),
    sharedProxies: fc.array(sharedProxy(namespaces), { maxLength: 2 }),
    via: fc.boolean(),
    shared: fc.nat(),
  })
  .map(({ via, shared, ...drawn }) => {
    const distinct = namedApartIn();
    const services = drawn.services.filter(distinct);
    const workloads = drawn.workloads.filter(distinct);
    const gateways = drawn.gateways.filter(distinct);
    const egressGateways = drawn.egressGateways.filter(distinct);
    const callers = [...services, ...workloads].map(({ namespace, serviceAccount }) => ({ namespace, serviceAccount }));
    return {
      services,
      workloads,
      externalServices: drawn.externalServices.filter(distinct).map((external) => {
        const exit = egressGateways.find(({ namespace }) => namespace === external.namespace);
        return via && exit ? { ...external, via: exit.name } : external;
      }),
      gateways,
      egressGateways,
      sharedProxies: withServices(drawn.sharedProxies.filter(distinct), services, shared),
      callers,
      divided: services.filter(({ versions }) => versions.length >= 2),
    };
  });

/** No two members of a namespace share a name or an identity, whatever they are. */
function namedApartIn(): (member: Ref & { readonly serviceAccount?: string }) => boolean {
  const taken = new Set<string>();
  return ({ namespace, name: own, serviceAccount }) => {
    const keys = [
      `name ${namespace}/${own}`,
      ...(serviceAccount === undefined ? [] : [`account ${namespace}/${serviceAccount}`]),
    ];
    if (keys.some((key) => taken.has(key))) return false;
    for (const key of keys) taken.add(key);
    return true;
  };
}

/** Each shared proxy with the services of its namespace that can stand behind one; none without. */
function withServices(
  proxies: readonly SharedProxy[],
  services: readonly Service[],
  seed: number,
): readonly SharedProxy[] {
  return proxies
    .map((proxy, index) => ({
      ...proxy,
      services: services
        .filter(
          ({ namespace, headless, capture }) =>
            namespace === proxy.namespace && !headless && capture?.kind !== 'transparent',
        )
        .filter((_, place) => (place + seed) % proxies.length === index)
        .map((one) => one.name),
    }))
    .filter((proxy) => proxy.services.length > 0);
}

function edges({ services, externalServices, callers }: Members): fc.Arbitrary<Model['edges']> {
  const callables: readonly Callable[] = [
    ...services
      .filter(({ ports }) => ports.length > 0)
      .map((one) => ({ to: { kind: 'service' as const, ...refOf(one) }, ports: one.ports.map((port) => port.port) })),
    ...externalServices.map((one) => ({ to: { kind: 'externalService' as const, ...refOf(one) }, ports: [one.port] })),
  ];
  if (callables.length === 0) return fc.constant([]);
  return fc.uniqueArray(edge(callers, callables), {
    maxLength: 4,
    selector: ({ from, to, port }) => `${Identity.key(from)} ${Ref.key(to)} ${port}`,
  });
}

function namedApart<T extends Ref>(policy: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.uniqueArray(policy, { maxLength: 2, selector: Ref.key });
}

function refOf({ namespace, name: own }: Ref): Ref {
  return { namespace, name: own };
}
