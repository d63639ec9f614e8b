import { type Model, names, type Ref } from '../../model';
import type { Manifest } from '../manifest';

/** An object that carries declared state, with the labels by which it is known as the mesh's. */
export function object(
  model: Model,
  [apiVersion, kind]: readonly [apiVersion: string, kind: string],
  at: { readonly name: string; readonly namespace?: string },
  body: { readonly [field: string]: unknown },
  marks: Marks = {},
): Manifest {
  const { name, namespace } = at;
  const labels = { [names.keys.managedBy]: 'meshwright', [names.keys.mesh]: model.mesh.name, ...marks.labels };
  const { annotations = {} } = marks;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    ...body,
  };
}

interface Marks {
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
}

/** Kinds of others that carry declared state. */
export const kinds = {
  service: ['v1', 'Service'],
  serviceAccount: ['v1', 'ServiceAccount'],
  gatewayClass: ['gateway.networking.k8s.io/v1', 'GatewayClass'],
  gateway: ['gateway.networking.k8s.io/v1', 'Gateway'],
  httpRoute: ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
  grpcRoute: ['gateway.networking.k8s.io/v1', 'GRPCRoute'],
  tlsRoute: ['gateway.networking.k8s.io/v1', 'TLSRoute'],
  tcpRoute: ['gateway.networking.k8s.io/v1', 'TCPRoute'],
  referenceGrant: ['gateway.networking.k8s.io/v1', 'ReferenceGrant'],
} as const;

/** Group of Gateway API. */
export const gatewayGroup = 'gateway.networking.k8s.io';

/** Where an object is. */
export function refOf({ metadata }: Manifest): Ref {
  return { namespace: metadata.namespace ?? 'default', name: metadata.name };
}
