import { type Configuration, type Context, MeshProxy } from '../../../lib/envoy';
import { names, Ref } from '../../../lib/model';
import type { Maker } from '../../../proxy/snapshot';

/**
 * Makes little of a model, but lets every part of what a configuration is made from be seen in it: what is forgotten to be made
 * anew shows. It reads surroundings only as far as the model asks for them.
 */
export const seen: Maker = {
  configurationOf: (context): Configuration => ({
    listeners: [{ name: 'all', statPrefix: JSON.stringify([context.model, read(context), context.binding]) }],
    routes: context.model.routes.map(({ kind, namespace, name }) => ({ name: `${kind}|${namespace}|${name}` })),
    clusters: context.model.services.flatMap(({ namespace, name, ports, headless }) =>
      ports.map(({ port }) => ({
        name: names.outboundCluster({ namespace, name }, port),
        type: 'EDS' as const,
        edsClusterConfig: { edsConfig: { ads: {} } },
        // Envoy refuses it.
        ...(headless && { connectTimeout: '-1s' }),
      })),
    ),
    extensions: [],
    assignments: context.model.services.flatMap(({ namespace, name, ports }) =>
      ports.map(({ port }) => ({
        kind: 'service' as const,
        cluster: names.outboundCluster({ namespace, name }, port),
        service: { namespace, name },
        port,
      })),
    ),
    secrets: [
      ...(context.model.edges.length > 0 ? [{ kind: 'trust' } as const] : []),
      ...context.model.externalServices.map(({ namespace, name }) => ({ kind: 'authority', namespace, name }) as const),
    ],
  }),
  loadAssignment: (model, { cluster }, endpoints, locality) => ({
    clusterName: cluster,
    namedEndpoints: {
      all: {
        hostname: JSON.stringify([model.trafficPolicies, model.services, endpoints, locality]),
        address: { pipe: { path: '/' } },
      },
    },
  }),
};

function read({ model, surroundings, proxy }: Context): unknown {
  return [
    MeshProxy.key(proxy),
    model.accessPolicies.map(({ namespace }) => surroundings.podAddresses(namespace)),
    model.canaries.map((canary) => surroundings.rollout(canary)),
    model.workloads.flatMap(() => model.services.map((service) => surroundings.serviceAddresses(service))),
    model.services.map(Ref.key),
  ];
}
