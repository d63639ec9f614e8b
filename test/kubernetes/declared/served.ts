import type { Manifest } from '../../../lib/kubernetes/manifest';
import type { Crd } from '../../support/manifests/openapi';
import { crdFor } from '../../support/manifests/schema/custom-resource';
import { withDefaults } from '../../support/manifests/schema/defaulting';

/** An object as an API server gives it back: with its own metadata, a status, and every default that its kind has. */
export function served(object: Manifest, crds: readonly object[]): Manifest {
  const { status: _, ...known } = withDefaultsOfKind(object, crds);
  const { metadata } = object;
  return {
    ...known,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...metadata,
      uid: '6f0b7d8e-5a0c-4f0e-9d0a-000000000000',
      resourceVersion: '4711',
      generation: 3,
      creationTimestamp: '2026-11-21T10:00:00Z',
      managedFields: [
        { manager: 'kubectl', operation: 'Apply', apiVersion: object.apiVersion, fieldsType: 'FieldsV1', fieldsV1: {} },
      ],
      annotations: { ...metadata.annotations, 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    },
    status: { conditions: [], parents: [], observedGeneration: 3 },
  };
}

function withDefaultsOfKind(object: Manifest, crds: readonly object[]): Manifest {
  const found = crdFor(crds as readonly Crd[], object);
  if (found) {
    const { metadata, ...rest } = object;
    return { ...(withDefaults(found.version.schema.openAPIV3Schema, rest) as Manifest), metadata };
  }
  if (object.kind === 'Service') return { ...object, spec: servedService(object.spec) };
  return { ...object, secrets: [{ name: 'token' }], automountServiceAccountToken: true };
}

// biome-ignore lint/suspicious/noExplicitAny: the spec of a Service, whatever it is
function servedService(spec: any): object {
  const clusterIP = spec.clusterIP ?? '10.96.0.17';
  return {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    clusterIP,
    clusterIPs: [clusterIP],
    ...spec,
  };
}
