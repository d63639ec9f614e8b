import { type Edge, type EnvBinding, lookup, type Model, names, order } from '../../model';
import type { EnvVariable } from './pod-template';

/** The variables by which edges tell the containers of their caller where its upstreams are, by name. */
export function edgeVariables(model: Model, edges: readonly Edge[]): readonly EnvVariable[] {
  return edges
    .flatMap((edge) => edge.env.map((binding) => ({ name: binding.name, value: bound(model, edge, binding) })))
    .sort((a, b) => order(a.name, b.name));
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

function bound(model: Model, edge: Edge, binding: EnvBinding): string {
  const { host, scheme } = calleeOf(model, edge);
  const port = edge.at ?? edge.port;
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
