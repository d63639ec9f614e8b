import { ruleFaults } from '../cel/rules';
import { isFields } from '../json';
import { typeOf } from '../objects';
import type { Crd, CrdVersion, Schema } from '../openapi';
import { withDefaults } from './defaulting';
import { KubernetesSchemas } from './kubernetes';
import { type Fault, valueFaults } from './values';

/** What an API server with this CRD finds wrong with a new object: its schema first, and when that holds, its CEL rules. */
export function customResourceFaults(crd: Crd, version: CrdVersion, object: object): Fault[] {
  const schema = version.schema.openAPIV3Schema;
  const { metadata, ...spec } = object as { readonly metadata?: unknown };
  const defaulted = withDefaults(schema, spec);
  const faults = [
    ...scopeFaults(crd, metadata),
    ...KubernetesSchemas.oldest().metadataFaults(metadata),
    ...valueFaults(withoutMetadata(schema), defaulted),
  ];
  if (faults.length > 0) return faults;
  return ruleFaults(schema, { ...(defaulted as object), metadata }, true);
}

/** The CRD that serves an object, and the version of it. */
export function crdFor(
  crds: readonly Crd[],
  object: object,
): { readonly crd: Crd; readonly version: CrdVersion } | undefined {
  const { group, version: name, kind } = typeOf(object);
  const crd = crds.find(({ spec }) => spec.group === group && spec.names.kind === kind);
  const version = crd?.spec.versions.find((each) => each.name === name && each.served);
  return crd && version && { crd, version };
}

function scopeFaults(crd: Crd, metadata: unknown): Fault[] {
  const namespace = isFields(metadata) ? metadata.namespace : undefined;
  if (crd.spec.scope === 'Namespaced' || namespace === undefined) return [];
  return [{ at: 'metadata.namespace', message: `must not be set: ${crd.spec.names.kind} is cluster-scoped` }];
}

/** The metadata of an object is checked by the API server, whatever the CRD says of it. */
function withoutMetadata(schema: Schema): Schema {
  const { metadata, ...properties } = schema.properties ?? {};
  return { ...schema, properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, ...properties } };
}
