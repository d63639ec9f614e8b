import { type Model, names, order, type Service, type Workload } from '../../model';
import type { Manifest } from '../manifest';
import { captureOf } from './runner';

/**
 * The namespaces in which the mesh has something, each with the Pod Security level that the pods of the mesh in it need:
 * `restricted`, or `privileged` where a pod is captured transparently, because the capability NET_ADMIN of its init
 * container is not in `baseline` either. What breaks `restricted` there is still warned of and audited.
 */
export function namespaceObjects(model: Model): readonly Manifest[] {
  const privileged = new Set(
    [...model.services, ...model.workloads]
      .filter((runner: Service | Workload) => captureOf(model, runner).kind === 'transparent')
      .map((runner) => runner.namespace),
  );
  const namespaces = new Set([...names.meshNamespaces(model), model.mesh.namespace]);
  return [...namespaces].sort(order).map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        ...podSecurity(privileged.has(name) ? 'privileged' : 'restricted'),
        [names.keys.mesh]: model.mesh.name,
      },
    },
  }));
}

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces */
function podSecurity(enforce: 'restricted' | 'privileged'): { readonly [label: string]: string } {
  const levels = { enforce, audit: 'restricted', warn: 'restricted' };
  return Object.fromEntries(
    Object.entries(levels).map(([mode, level]) => [`pod-security.kubernetes.io/${mode}`, level]),
  );
}
