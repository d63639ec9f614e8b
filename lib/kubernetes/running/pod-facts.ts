import { type Member, names, type PodFacts } from '../../model';
import type { Manifest } from '../manifest';
import { templateOf, titleOf } from './pod-template';

/** What analysis wants to know of a pod template. Containers and ports that the mesh itself has put in are left out. */
export function podFacts(member: Member, manifest: Manifest): PodFacts {
  const { metadata, spec } = templateOf(manifest);
  const own: readonly string[] = [names.objects.sidecar, names.objects.captureInit];
  const containers = [...(spec.initContainers ?? []), ...spec.containers].filter(({ name }) => !own.includes(name));
  // Init containers that end are gone before anything else listens; native sidecars stay.
  const staying = containers.filter(
    (container) => spec.containers.includes(container) || container.restartPolicy === 'Always',
  );
  const ports = staying
    .flatMap((container) => container.ports ?? [])
    .filter(({ name, protocol }) => protocol !== 'UDP' && protocol !== 'SCTP' && !isInbound(name))
    .map(({ containerPort }) => containerPort);
  const serviceAccount = spec.serviceAccountName ?? (spec.serviceAccount as string | undefined);
  return {
    member,
    object: titleOf({ ...manifest, metadata: { namespace: member.namespace, ...manifest.metadata } }),
    ports: [...new Set(ports)].sort((a, b) => a - b),
    env: containers.flatMap((container) =>
      (container.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }])),
    ),
    hostNetwork: spec.hostNetwork === true,
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    labels: { ...metadata?.labels },
  };
}

/** A port of the sidecar that {@link names.inboundPortName} names. */
function isInbound(name: string | undefined): boolean {
  return name !== undefined && /^mesh-[0-9]+$/.test(name);
}
