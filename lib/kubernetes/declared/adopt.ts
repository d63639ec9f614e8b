import type { Manifest } from '../manifest';

type Fields = { readonly [field: string]: unknown };

/**
 * Brings what the mesh needs into a Service or ServiceAccount that its author publishes already: our labels and annotations
 * beside theirs, our ports in place of theirs of the same number, and our selector, which is theirs unless a shared proxy
 * or versions of the mesh stand behind the Service. Everything else stays theirs.
 */
export function adopt(original: Manifest, ours: Manifest): Manifest {
  const { metadata, spec } = original;
  const { labels, annotations } = ours.metadata;
  return {
    ...original,
    metadata: {
      ...metadata,
      ...(labels || metadata.labels ? { labels: { ...metadata.labels, ...labels } } : {}),
      ...(annotations || metadata.annotations ? { annotations: { ...metadata.annotations, ...annotations } } : {}),
    },
    ...(ours.spec === undefined ? {} : { spec: adoptSpec(spec ?? {}, ours.spec) }),
  };
}

function adoptSpec(original: Fields, ours: Fields): Fields {
  const { clusterIP, selector, ports } = ours;
  return {
    ...original,
    ...(clusterIP === undefined ? {} : { clusterIP }),
    ...(selector === undefined ? {} : { selector }),
    ...(ports === undefined ? {} : { ports: adoptPorts(portsOf(original), portsOf(ours)) }),
  };
}

/** The author's order first, ports that the mesh alone knows after them. */
function adoptPorts(original: readonly Fields[], ours: readonly Fields[]): readonly Fields[] {
  const known = original.map((port) => {
    const match = ours.find((one) => isSame(one, port));
    return match ? { ...port, ...match, ...(port.name === undefined ? {} : { name: port.name }) } : port;
  });
  return [...known, ...ours.filter((one) => !original.some((port) => isSame(one, port)))];
}

/** A Service may have a port twice, over TCP and over UDP. */
function isSame(one: Fields, other: Fields): boolean {
  return one.port === other.port && (one.protocol ?? 'TCP') === (other.protocol ?? 'TCP');
}

function portsOf({ ports }: Fields): readonly Fields[] {
  return Array.isArray(ports) ? ports : [];
}
