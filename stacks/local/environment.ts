import { type Binding, type Place, socketOf } from '../../lib/envoy';
import { edgeVariables } from '../../lib/kubernetes/running';
import { type Edge, type Identity, type Model, upstreamsOf } from '../../lib/model';
import type { Pod } from './pods';

type Variables = { readonly [name: string]: string };

/**
 * The variables that the process of a pod gets beside those of the terminal; later ones win:
 *
 * - `REVIEWS_SERVICE_HOST`, `REVIEWS_SERVICE_PORT` for each upstream, as Kubernetes sets them; external services and named
 *   instances (`DATABASE_0_SERVICE_HOST`) too, because no name leads to the sidecar here
 * - what its declaration says
 * - what its edges say (`env`)
 * - `PORT`, where it is to listen, and for each port `PORT_<NAME>`
 */
export function environmentOf(model: Model, pod: Pod, binding: Binding): Variables {
  const declared = pod.process.kind === 'command' ? (pod.process.run.env ?? {}) : {};
  return {
    ...(pod.identity ? upstreamVariables(model, pod.identity, binding) : {}),
    ...declared,
    ...(pod.identity ? variablesOfEdges(model, pod.identity, binding) : {}),
    ...listening(pod, binding),
  };
}

function upstreamVariables(model: Model, identity: Identity, binding: Binding): Variables {
  const variables: { [name: string]: string } = {};
  const calls = callsOf(model, identity).sort((a, b) => rank(a.edge) - rank(b.edge) || a.edge.port - b.edge.port);
  for (const { name, place } of calls) {
    const socket = socketOf(binding, place);
    const prefix = `${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_SERVICE`;
    if (!socket || variables[`${prefix}_HOST`] !== undefined) continue;
    variables[`${prefix}_HOST`] = socket.address;
    variables[`${prefix}_PORT`] = String(socket.port);
  }
  return variables;
}

interface Call {
  /** What the application calls it. */
  readonly name: string;
  /** Whether this is one instance of the service that the edge leads to. */
  readonly instance: boolean;
  readonly edge: Edge;
  readonly place: Place;
}

/** Every call of an identity and where its sidecar serves it. */
function callsOf(model: Model, identity: Identity): Call[] {
  return upstreamsOf(model, identity).flatMap(({ target, address, edges }) =>
    edges.map((edge) => ({
      name: target.kind === 'instance' ? target.instance : edge.to.name,
      instance: target.kind === 'instance',
      edge,
      place: { kind: 'upstream', address, port: edge.at ?? edge.port } as const,
    })),
  );
}

/** What two upstreams are both called, the one of the caller's own namespace is. */
function rank(edge: Edge): number {
  return edge.to.namespace === edge.from.namespace ? 0 : 1;
}

function variablesOfEdges(model: Model, identity: Identity, binding: Binding): Variables {
  const served = new Map<Edge, { readonly host: string; readonly port: number }>();
  for (const { edge, instance, place } of callsOf(model, identity)) {
    const socket = socketOf(binding, place);
    if (socket && !instance) served.set(edge, { host: socket.address, port: socket.port });
  }
  const variables = edgeVariables(model, [...served.keys()], (edge) => served.get(edge));
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

function listening(pod: Pod, binding: Binding): Variables {
  const ports = pod.applicationPorts.flatMap(({ name, port }) => {
    const socket = socketOf(binding, { kind: 'application', applicationPort: port });
    return socket ? [{ name, number: String(socket.port) }] : [];
  });
  const named = ports.map(({ name, number }) => [`PORT_${name.toUpperCase().replaceAll('-', '_')}`, number]);
  return { ...Object.fromEntries(named), ...(ports[0] ? { PORT: ports[0].number } : {}) };
}
