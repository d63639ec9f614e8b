import { type Edge, type EnvBinding, lookup, type Model, names, order } from '../../model';
import type { EnvVariable } from './pod-template';

/**
 * The variables by which edges tell the containers of their caller where its upstreams are, by name.
 *
 * @param elsewhere where an upstream is that is not found by its name and port: on a developer's machine
 */
export function edgeVariables(
  model: Model,
  edges: readonly Edge[],
  elsewhere: (edge: Edge) => HostAndPort | undefined = () => undefined,
): readonly (EnvVariable & { readonly value: string })[] {
  return edges
    .flatMap((edge) =>
      edge.env.map((binding) => ({ name: binding.name, value: bound(model, edge, binding, elsewhere(edge)) })),
    )
    .sort((a, b) => order(a.name, b.name));
}

/**
 * The variables that Kubernetes sets by itself for Services (`REVIEWS_SERVICE_HOST`, `REVIEWS_SERVICE_PORT`) hold the cluster
 * address, which leads past the sidecar. Where names lead to it, they say the name instead, for the pod's own upstreams.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function serviceVariables(model: Model, edges: readonly Edge[]): readonly EnvVariable[] {
  const variables = new Map<string, string>();
  const own = (edge: Edge) => (edge.to.namespace === edge.from.namespace ? 0 : 1);
  for (const edge of [...edges].sort(
    (a, b) => own(a) - own(b) || order(a.to.namespace, b.to.namespace) || a.port - b.port,
  )) {
    if (edge.to.kind !== 'service') continue;
    const prefix = edge.to.name.toUpperCase().replaceAll('-', '_');
    if (variables.has(`${prefix}_SERVICE_HOST`)) continue;
    variables.set(`${prefix}_SERVICE_HOST`, bound(model, edge, { name: '', value: 'host' }));
    variables.set(`${prefix}_SERVICE_PORT`, bound(model, edge, { name: '', value: 'port' }));
  }
  return [...variables].map(([name, value]) => ({ name, value })).sort((a, b) => order(a.name, b.name));
}

/** Sets variables that are not set yet: what the author of a container says, or another edge, is left alone. */
export function withMissingVariables(
  existing: readonly EnvVariable[],
  variables: readonly EnvVariable[],
): readonly EnvVariable[] {
  const present = new Set(existing.map(({ name }) => name));
  return [...existing, ...variables.filter(({ name }) => !present.has(name))];
}

/** Sets variables: one of the same name is replaced where it stands, because later ones may refer to it. */
export function withVariables(
  existing: readonly EnvVariable[],
  variables: readonly EnvVariable[],
): readonly EnvVariable[] {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const present = new Set(existing.map(({ name }) => name));
  return [
    ...existing.map((variable) => byName.get(variable.name) ?? variable),
    ...variables.filter(({ name }) => !present.has(name)),
  ];
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

function bound(model: Model, edge: Edge, binding: EnvBinding, elsewhere?: HostAndPort): string {
  const { host: name, scheme } = calleeOf(model, edge);
  const { host, port } = elsewhere ?? { host: name, port: edge.at ?? edge.port };
  switch (binding.value) {
    case 'host':
      return host;
    case 'port':
      return String(port);
    case 'address':
      return `${host}:${port}`;
    case 'url':
      return `${scheme}://${host}:${port}`;
  }
}

function calleeOf(model: Model, edge: Edge): { readonly host: string; readonly scheme: string } {
  const find = lookup(model);
  if (edge.to.kind === 'externalService') {
    const external = find.externalService(edge.to);
    return { host: external?.host ?? edge.to.name, scheme: schemeOf(external?.protocol) };
  }
  const [host = edge.to.name] = names.hostnames(edge.to, edge.from.namespace, model.mesh.clusterDomain);
  const port = find.service(edge.to)?.ports.find((one) => one.port === edge.port);
  return { host, scheme: schemeOf(port?.protocol) };
}

/** What the application itself speaks: the mesh's own TLS begins behind it. */
function schemeOf(protocol: string | undefined): string {
  return protocol === 'tls' ? 'https' : protocol === 'tcp' ? 'tcp' : 'http';
}
