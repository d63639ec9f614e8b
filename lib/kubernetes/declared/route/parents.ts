import {
  type Lookup,
  names,
  Port,
  type Protocol,
  Ref,
  type Route,
  type RouteParent,
  type Service,
} from '../../../model';
import type { Manifest } from '../../manifest';
import { gatewayGroup } from '../object';
import { type Json, type Reader, shown } from '../shape';
import type { RouteContext } from './context';

/** https://gateway-api.sigs.k8s.io/mesh/ "Services as parents" */
export function parentsJson(route: Route, find: Lookup): readonly Json[] {
  return route.parents.map((parent) => {
    const local = parent.namespace === route.namespace ? {} : { namespace: parent.namespace };
    if (parent.kind === 'gateway') {
      const section = parent.listener === undefined ? {} : { sectionName: parent.listener };
      return { group: gatewayGroup, kind: 'Gateway', name: parent.name, ...local, ...section };
    }
    return {
      group: '',
      kind: 'Service',
      name: parent.name,
      ...local,
      port: parent.port,
      ...portSection(route, parent, find),
    };
  });
}

/** Two ports of one Service are two parents only if they differ in name: the standard channel's CRDs look at nothing else. */
function portSection(route: Route, parent: RouteParent & { readonly kind: 'service' }, find: Lookup): Json {
  const same = route.parents.filter((other) => other.kind === 'service' && Ref.equal(other, parent));
  if (same.length === 1) return {};
  const port = find.service(parent)?.ports.find((one) => one.port === parent.port && one.protocol !== 'udp');
  return port ? { sectionName: port.name } : {};
}

/** The parents of a route that are ours. None: it is somebody else's route. */
export function parentsOf(manifest: Manifest, reader: Reader, context: RouteContext): readonly RouteParent[] {
  const at = reader.at('spec').at('parentRefs');
  return reader
    .all(
      at.items(manifest.spec?.parentRefs).map((json, index) => () => parentOf(json, at.at(index), manifest, context)),
    )
    .flat();
}

function parentOf(json: Json, reader: Reader, manifest: Manifest, context: RouteContext): readonly RouteParent[] {
  const given = reader.fields(json);
  const { group = gatewayGroup, kind = 'Gateway', namespace = reader.namespace } = given;
  const ref = { namespace, name: reader.at('name').text(given.name) };
  if (group === gatewayGroup && kind === 'Gateway') return gatewayParents(ref, given, reader, manifest, context);
  if (group === '' && kind === 'Service') return serviceParents(ref, given, reader, manifest, context);
  return [];
}

function gatewayParents(
  ref: Ref,
  { sectionName, port }: Json,
  reader: Reader,
  manifest: Manifest,
  context: RouteContext,
): readonly RouteParent[] {
  const gateway = context.gateway(ref);
  if (!gateway && !isOurs(manifest)) return [];
  if (port === undefined) return [{ kind: 'gateway', ...ref, ...(sectionName ? { listener: sectionName } : {}) }];
  const listeners = (gateway?.listeners ?? []).filter(
    (listener) => listener.port === port && (!sectionName || listener.name === sectionName),
  );
  if (listeners.length === 0) reader.at('port').fail(`gateway ${Ref.key(ref)} has no listener on port ${shown(port)}`);
  return listeners.map(({ name }) => ({ kind: 'gateway', ...ref, listener: name }));
}

function serviceParents(
  ref: Ref,
  { sectionName, port }: Json,
  reader: Reader,
  manifest: Manifest,
  context: RouteContext,
): readonly RouteParent[] {
  const service = context.service(ref);
  const destination = context.destination(ref);
  if (!service && destination) {
    const root = Ref.key(destination.service);
    return reader.fail(
      `${Ref.key(ref)} is version ${destination.version} of service ${root}; routes belong to the service`,
    );
  }
  if (!service && !isOurs(manifest)) return [];
  if (port !== undefined && !sectionName) return [{ kind: 'service', ...ref, port: reader.at('port').number(port) }];
  const ports = (service?.ports ?? []).filter((one) =>
    sectionName ? one.name === sectionName : fits(manifest.kind, one.protocol),
  );
  const chosen = ports.filter((one) => port === undefined || one.port === port);
  if (chosen.length === 0) reader.fail(noPort(manifest.kind, service, ref, { sectionName, port }));
  return [...new Set(chosen.map((one) => one.port))].map((number) => ({ kind: 'service', ...ref, port: number }));
}

function noPort(kind: string, service: Service | undefined, ref: Ref, { sectionName, port }: Json): string {
  const named = [sectionName && `named ${shown(sectionName)}`, port !== undefined && `with number ${shown(port)}`]
    .filter(Boolean)
    .join(' and ');
  const all =
    [...(service?.ports ?? [])]
      .sort(Port.compare)
      .map((one) => `${one.name} (${one.port}, ${one.protocol})`)
      .join(', ') || 'none';
  return `service ${Ref.key(ref)} has no port ${named || `for ${kind === 'HTTPRoute' ? 'an' : 'a'} ${kind}`}; its ports are: ${all}`;
}

/** A parent without a port stands for every port of the Service that the route can be for. */
function fits(kind: string, protocol: Protocol): boolean {
  switch (kind) {
    case 'HTTPRoute':
      return protocol === 'http' || protocol === 'http2';
    case 'GRPCRoute':
      return protocol === 'grpc';
    case 'TLSRoute':
      return protocol === 'tls';
    default:
      return protocol === 'tcp';
  }
}

function isOurs({ metadata }: Manifest): boolean {
  return metadata.labels?.[names.keys.mesh] !== undefined;
}
