import { at, items, text } from '../json';
import { nameOf, namespaceOf } from '../objects';
import type { Law, Manifests } from './manifests';

/** Service accounts that pods run as are there, and so are the roles and accounts that bindings bind. */
export const accountsLaw: Law = (manifests) => [...podFaults(manifests), ...bindingFaults(manifests)];

function podFaults(manifests: Manifests): string[] {
  return manifests.templates.flatMap(({ owner, namespace, spec, path }) => {
    const account = text(spec, 'serviceAccountName');
    if (account === '' || account === 'default' || manifests.has('', 'ServiceAccount', namespace, account)) return [];
    return [
      `${nameOf(owner)}: ${path}.serviceAccountName: there is no ServiceAccount ${namespace}/${account} in the set`,
    ];
  });
}

const group = 'rbac.authorization.k8s.io';

function bindingFaults(manifests: Manifests): string[] {
  return manifests.ofKind(group, 'RoleBinding', 'ClusterRoleBinding').flatMap((binding) => {
    const faults: string[] = [];
    const kind = text(binding, 'roleRef', 'kind');
    const role = text(binding, 'roleRef', 'name');
    const namespace = kind === 'Role' ? namespaceOf(binding) : '';
    if (!isBuiltIn(kind, role) && !manifests.has(group, kind, namespace, role)) {
      faults.push(`roleRef: there is no ${kind} ${namespace === '' ? '' : `${namespace}/`}${role} in the set`);
    }
    for (const subject of items(at(binding, 'subjects'))) {
      if (text(subject, 'kind') !== 'ServiceAccount') continue;
      const [home, name] = [
        text(subject, 'namespace') || text(binding, 'metadata', 'namespace'),
        text(subject, 'name'),
      ];
      if (home === '') faults.push(`subjects: ServiceAccount ${name} must have a namespace`);
      else if (name !== 'default' && !manifests.has('', 'ServiceAccount', home, name))
        faults.push(`subjects: there is no ServiceAccount ${home}/${name} in the set`);
    }
    return faults.map((fault) => `${nameOf(binding)}: ${fault}`);
  });
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings */
function isBuiltIn(kind: string, name: string): boolean {
  return (
    kind === 'ClusterRole' && (['cluster-admin', 'admin', 'edit', 'view'].includes(name) || name.startsWith('system:'))
  );
}
