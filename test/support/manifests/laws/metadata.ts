import { at, fields, text } from '../json';
import { nameOf, typeOf } from '../objects';
import { podTemplateOf } from '../pods';
import { show } from '../schema/values';
import type { Law } from './manifests';

/** etcd refuses what is larger than 1.5 MiB, and a watch gets slow long before; `kubectl apply` needs room for an annotation. */
const greatestSize = 900 * 1024;
const greatestAnnotations = 256 * 1024;

/**
 * Names, labels and annotations are legal, nothing is set that only a server sets, and no object is too large.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export const metadataLaw: Law = ({ objects }) =>
  objects.flatMap((object) => {
    const template = podTemplateOf(object);
    const ofTemplate = template && template.path !== 'spec' ? template.path.replace(/spec$/, 'metadata') : undefined;
    return [
      ...nameFaults(object),
      ...mapFaults('metadata', fields(at(object, 'metadata'))),
      ...(template && ofTemplate
        ? mapFaults(ofTemplate, { labels: template.labels, annotations: template.annotations })
        : []),
      ...serverFaults(object),
      ...sizeFaults(object),
    ].map((fault) => `${nameOf(object)}: ${fault}`);
  });

function nameFaults(object: object): string[] {
  const name = text(object, 'metadata', 'name');
  const { group, kind } = typeOf(object);
  if (group === 'rbac.authorization.k8s.io') {
    const isPathSegment = name !== '' && name !== '.' && name !== '..' && !/[/%]/.test(name);
    return isPathSegment ? [] : [`metadata.name: must be usable in a path, got ${show(name)}`];
  }
  if (group === '' && kind === 'Service') {
    const isLabel = name.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name);
    return isLabel ? [] : [`metadata.name: must be a DNS-1035 label of at most 63 characters, got ${show(name)}`];
  }
  if (group === '' && kind === 'Namespace') {
    return isLabel(name) ? [] : [`metadata.name: must be a DNS-1123 label of at most 63 characters, got ${show(name)}`];
  }
  const isSubdomain =
    name.length <= 253 && name !== '' && name.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));
  return isSubdomain
    ? []
    : [`metadata.name: must be a DNS-1123 subdomain of at most 253 characters, got ${show(name)}`];
}

function mapFaults(
  path: string,
  { labels, annotations }: { readonly labels?: unknown; readonly annotations?: unknown },
): string[] {
  const faults: string[] = [];
  for (const [label, value] of Object.entries(fields(labels))) {
    if (!isQualifiedName(label))
      faults.push(
        `${path}.labels: ${show(label)} must be a name of at most 63 characters, with or without a domain before a slash`,
      );
    if (!isLabelValue(value))
      faults.push(
        `${path}.labels: ${label} must be at most 63 letters, digits, "-", "_" and "." that start and end with a letter or digit, got ${show(value)}`,
      );
  }
  const entries = Object.entries(fields(annotations));
  for (const [annotation, value] of entries) {
    if (!isQualifiedName(annotation.toLowerCase()))
      faults.push(
        `${path}.annotations: ${show(annotation)} must be a name of at most 63 characters, with or without a domain before a slash`,
      );
    if (typeof value !== 'string')
      faults.push(`${path}.annotations: ${annotation} must be a string, got ${show(value)}`);
  }
  const size = entries.reduce(
    (sum, [annotation, value]) => sum + Buffer.byteLength(annotation) + Buffer.byteLength(String(value)),
    0,
  );
  if (size > greatestAnnotations)
    faults.push(`${path}.annotations: must be at most ${greatestAnnotations} bytes together, got ${size}`);
  return faults;
}

/** Also what would make the object go away with another one, or belong to it. */
function serverFaults(object: object): string[] {
  const set = [
    'ownerReferences',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'managedFields',
    'selfLink',
    'generateName',
  ];
  const faults = set
    .filter((field) => at(object, 'metadata', field) !== undefined)
    .map((field) => `metadata.${field}: must not be set`);
  return at(object, 'status') === undefined ? faults : [...faults, 'status: must not be set'];
}

function sizeFaults(object: object): string[] {
  const size = Buffer.byteLength(JSON.stringify(object));
  return size < greatestSize ? [] : [`must be smaller than ${greatestSize} bytes, got ${size}`];
}

/** `app`, `app.kubernetes.io/name` */
export function isQualifiedName(name: string): boolean {
  const [first = '', second, ...rest] = name.split('/');
  const local = second ?? first;
  const domainHolds =
    second === undefined ||
    (first.length <= 253 && first.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part)));
  return (
    rest.length === 0 && domainHolds && local.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(local)
  );
}

function isLabelValue(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 63 && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(value);
}

function isLabel(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
}
