import { type Labels, type Lookup, type Model, names, type TcpRoute, type TlsRoute } from '../../../model';
import type { Manifest } from '../../manifest';
import { kinds, object, refOf } from '../object';
import type { Observed } from '../observed';
import { type Json, type Reader, shown } from '../shape';
import { backendsJson, backendsOf, ownBackend } from './backends';
import type { RouteContext } from './context';
import { parentsJson, parentsOf } from './parents';
import { hostnamesOf } from './request-routes';

/** Routes of connections. A TLSRoute must name its hosts; one for every server name is a TCPRoute that says so. */
export function encodeConnectionRoute(model: Model, route: TlsRoute | TcpRoute, find: Lookup): readonly Manifest[] {
  const { namespace, name, parents } = route;
  const backendRefs = backendsJson(route.backends, ownBackend(parents), namespace);
  const hostnames = route.kind === 'tls' ? route.hostnames : [];
  const spec = {
    parentRefs: parentsJson(route, find),
    ...(hostnames.length > 0 ? { hostnames } : {}),
    rules: [{ backendRefs }],
  };
  if (hostnames.length > 0) return [object(model, kinds.tlsRoute, { namespace, name }, { spec })];
  const annotations: Labels = route.kind === 'tls' ? { [names.keys.routeProtocol]: 'tls' } : {};
  return [object(model, kinds.tcpRoute, { namespace, name }, { spec }, { annotations })];
}

export function decodeTlsRoutes(observed: Observed, context: RouteContext): readonly TlsRoute[] {
  return observed.readAll(observed.gatewayApi('TLSRoute'), (manifest, reader) => {
    const base = baseOf(manifest, reader, context);
    if (!base) return undefined;
    const at = reader.at('spec');
    return { kind: 'tls', ...base, hostnames: hostnamesOf(at.fields(manifest.spec), at) };
  });
}

export function decodeTcpRoutes(observed: Observed, context: RouteContext): readonly (TlsRoute | TcpRoute)[] {
  return observed.readAll(observed.gatewayApi('TCPRoute'), (manifest, reader) => {
    const base = baseOf(manifest, reader, context);
    if (!base) return undefined;
    const protocol = manifest.metadata.annotations?.[names.keys.routeProtocol];
    if (protocol === undefined) return { kind: 'tcp', ...base };
    if (protocol === 'tls') return { kind: 'tls', ...base, hostnames: [] };
    return reader
      .at('metadata')
      .at('annotations')
      .at(names.keys.routeProtocol)
      .fail(`must be tls, got ${shown(protocol)}`);
  });
}

function baseOf(manifest: Manifest, reader: Reader, context: RouteContext): Omit<TcpRoute, 'kind'> | undefined {
  const parents = parentsOf(manifest, reader, context);
  if (parents.length === 0) return undefined;
  const at = reader.at('spec');
  const spec = at.fields(manifest.spec);
  const rules = at.at('rules');
  const [rule, ...others] = rules.items(spec.rules);
  if (others.length > 0) rules.fail(`must be one, got ${others.length + 1}: a connection matches all of them alike`);
  const [backends] = reader.all<unknown>([
    () => backendsIn(rule, rules.at(0)),
    () => at.only(spec, ['parentRefs', 'hostnames', 'rules']),
  ]) as [TcpRoute['backends'], unknown];
  return { ...refOf(manifest), parents, backends };

  function backendsIn(json: Json, place: Reader): TcpRoute['backends'] {
    const given = place.fields(json);
    place.only(given, ['name', 'backendRefs']);
    return backendsOf(given.backendRefs, ownBackend(parents), place.at('backendRefs'), manifest.kind, context);
  }
}
