import { at, child, isFields, items, text } from '../json';
import { nameOf, namespaceOf, typeOf } from '../objects';
import type { Law, Manifests } from './manifests';

/** The kinds that a reference means when it does not say. https://gateway-api.sigs.k8s.io/reference/spec/ */
const defaults: { readonly [field: string]: { readonly group: string; readonly kind: string } } = {
  parentRefs: { group: 'gateway.networking.k8s.io', kind: 'Gateway' },
  backendRefs: { group: '', kind: 'Service' },
  backendRef: { group: '', kind: 'Service' },
  certificateRefs: { group: '', kind: 'Secret' },
  caCertificateRefs: { group: '', kind: 'ConfigMap' },
  extensionRef: { group: '', kind: '' },
  targetRefs: { group: '', kind: '' },
  targetRef: { group: '', kind: '' },
};

/** What Gateway API objects, and those that follow its way of referring, refer to is there, and so is the port of a Service. */
export const referencesLaw: Law = (manifests) =>
  manifests.objects
    .filter((object) => ['gateway.networking.k8s.io', 'meshwright.dev'].includes(typeOf(object).group))
    .flatMap((object) =>
      faultsIn(at(object, 'spec'), 'spec', object, manifests).map((fault) => `${nameOf(object)}: ${fault}`),
    );

function faultsIn(value: unknown, path: string, object: object, manifests: Manifests): string[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => faultsIn(item, child(path, index), object, manifests));
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([field, inner]) => {
    const at = child(path, field);
    const meant = Object.hasOwn(defaults, field) ? defaults[field] : undefined;
    const own = meant
      ? Array.isArray(inner)
        ? items(inner).flatMap((reference, index) =>
            referenceFaults(reference, meant, child(at, index), object, manifests),
          )
        : referenceFaults(inner, meant, at, object, manifests)
      : [];
    return [...own, ...faultsIn(inner, at, object, manifests)];
  });
}

function referenceFaults(
  reference: unknown,
  meant: { readonly group: string; readonly kind: string },
  path: string,
  object: object,
  manifests: Manifests,
): string[] {
  if (!isFields(reference) || typeof reference.name !== 'string') return [];
  const group = typeof reference.group === 'string' ? reference.group : meant.group;
  const kind = text(reference, 'kind') || meant.kind;
  const namespace = text(reference, 'namespace') || namespaceOf(object);
  if (!manifests.has(group, kind, namespace, reference.name))
    return [`${path}: there is no ${kind} ${namespace}/${reference.name} in the set`];
  const service =
    group === '' && kind === 'Service' ? manifests.find('', 'Service', namespace, reference.name) : undefined;
  const ports = items(at(service, 'spec', 'ports')).map((port) => at(port, 'port'));
  if (!service || reference.port === undefined || ports.includes(reference.port)) return [];
  return [`${path}: Service ${namespace}/${reference.name} has no port ${reference.port}; it has ${ports.join(', ')}`];
}
