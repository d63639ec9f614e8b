import { type Edge, type EnvBinding, type Model, names } from '../../model';
import type { Manifest } from '../manifest';
import { object, refOf } from './object';
import type { Observed } from './observed';
import { requestMatch } from './parts/match';
import { edgeTarget } from './parts/reference';
import { hedging, retries } from './parts/resilience';
import { choice, duration, fields, list, listed, optional, port, required, type Shape, subdomain, text } from './shape';

/** The caller's namespace is the object's own, so that nobody can speak for another namespace. */
interface EdgeSpec extends Omit<Edge, 'from'> {
  readonly from: { readonly serviceAccount: string };
}

const binding: Shape<EnvBinding> = fields<EnvBinding>({
  name: required(text({ maxLength: 253, pattern: '^[-._a-zA-Z][-._a-zA-Z0-9]*$' }), 'Name of the variable.'),
  value: required(
    choice<EnvBinding['value']>({ host: 'Host', port: 'Port', address: 'Address', url: 'URL' }),
    'What it carries: Host, Port, Address (host:port) or URL.',
    'carries',
  ),
});

export const edgeSpec = fields<EdgeSpec>({
  from: required(
    fields<EdgeSpec['from']>({
      serviceAccount: required(subdomain, 'Name of the ServiceAccount, in the namespace of the edge.'),
    }),
    'Who calls.',
  ),
  to: required(edgeTarget, 'What is called.'),
  port: required(port, 'The port of it that is called, by number.'),
  only: listed(
    list(requestMatch, { maxItems: 64 }),
    'Only requests that match one of these are part of the edge. Absent: all.',
  ),
  timeout: optional(
    duration,
    "Time for a whole request, its retries included. Absent: the mesh's default. 0s: no limit.",
  ),
  retries: optional(retries, "What is tried again. Absent: the mesh's default."),
  hedging: optional(
    hedging,
    'A second request is sent when the first has not been answered in time; the first answer wins. Absent: none.',
  ),
  at: optional(
    port,
    "Port on which the caller's sidecar listens for this edge alone. Absent: the port that is called.",
  ),
  env: listed(list(binding, { maxItems: 32 }), "Variables that tell the caller's containers where the callee is."),
});

export function encodeEdges(model: Model): readonly Manifest[] {
  return model.edges.map((edge) => {
    const { namespace } = edge.from;
    const name = names.edgeObject(edge.from, edge.to, edge.port);
    return object(
      model,
      [names.apiVersion, 'Edge'],
      { namespace, name },
      { spec: edgeSpec.encode(edge, { namespace }) },
    );
  });
}

export function decodeEdges(observed: Observed): readonly Edge[] {
  return observed.readAll(observed.own('Edge'), (manifest, reader) => {
    const { from, ...spec } = edgeSpec.decode(manifest.spec, reader.at('spec'));
    return { from: { namespace: refOf(manifest).namespace, ...from }, ...spec };
  });
}
