import { text } from '../json';
import { nameOf } from '../objects';
import { clusterScoped, type Law } from './manifests';

/** Every namespace that is used is made, or is `default`; what has no namespace says none. */
export const namespacesLaw: Law = (manifests) =>
  manifests.objects.flatMap((object) => {
    const namespace = text(object, 'metadata', 'namespace');
    if (namespace === '') return [];
    if (clusterScoped(object))
      return [`${nameOf(object)}: metadata.namespace: must not be set, its kind is cluster-scoped`];
    if (namespace === 'default' || manifests.has('', 'Namespace', '', namespace)) return [];
    return [`${nameOf(object)}: metadata.namespace: there is no Namespace ${namespace} in the set`];
  });
