import type { Container, ContainerSecurityContext, PodSecurityContext, PodSpec } from './pod-template';

/**
 * Pod Security `restricted` (https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted), as its
 * fields. Written on pods that are ours, and filled in on pods of others.
 */
export const restrictedPod: PodSecurityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
export const restrictedContainer: ContainerSecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/**
 * Fills in what the author of a pod left open, so that it passes `restricted`. What the author says stays as it is: a
 * container that asks for more than `restricted` gives is left alone, because half of it would only break it.
 */
export function withRestricted(spec: PodSpec): PodSpec {
  const given = spec.securityContext ?? {};
  const exceptions = [...(spec.initContainers ?? []), ...spec.containers].filter(
    (container) => isRoot(container, given) && container.securityContext?.runAsNonRoot === undefined,
  );
  // A pod that says `runAsNonRoot` says so for containers that run as root too, and the kubelet then refuses to start them.
  const nonRoot = given.runAsNonRoot === undefined && exceptions.length === 0 ? { runAsNonRoot: true } : {};
  const filled = (container: Container): Container =>
    asksForMore(container, given) ? container : restrictedFor(container, given, exceptions.length > 0);
  return {
    ...spec,
    securityContext: { seccompProfile: restrictedPod.seccompProfile, ...nonRoot, ...given },
    ...(spec.initContainers && { initContainers: spec.initContainers.map(filled) }),
    containers: spec.containers.map(filled),
  };
}

function restrictedFor(container: Container, pod: PodSecurityContext, sayNonRoot: boolean): Container {
  const given = container.securityContext ?? {};
  const nonRoot = sayNonRoot && pod.runAsNonRoot === undefined ? { runAsNonRoot: true } : {};
  return {
    ...container,
    securityContext: {
      ...restrictedContainer,
      ...nonRoot,
      ...given,
      capabilities: { ...restrictedContainer.capabilities, ...given.capabilities },
    },
  };
}

function asksForMore(container: Container, pod: PodSecurityContext): boolean {
  const given = container.securityContext ?? {};
  return (
    given.privileged === true ||
    given.allowPrivilegeEscalation === true ||
    isRoot(container, pod) ||
    (given.capabilities?.add ?? []).some((capability) => capability !== 'NET_BIND_SERVICE')
  );
}

function isRoot(container: Container, pod: PodSecurityContext): boolean {
  return (container.securityContext?.runAsUser ?? pod.runAsUser) === 0;
}
