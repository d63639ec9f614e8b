import { names, Port, type Protocol, type Ref, type Service } from '../../model';
import { accessOf, cidrRange, gate, networkAccess, outsideAddresses, requestAccess } from '../access';
import type { Socket } from '../binding';
import { type Configuration, emptyConfiguration } from '../configuration';
import type { Context } from '../context';
import { httpConnectionManager } from '../http/connection-manager';
import { type TcpProxyOptions, tcpProxy } from '../tcp-proxy';
import { meshAlpn, serverTls } from '../tls/mutual';
import type { HttpFilter, Listener, VirtualHost } from '../types';
import { refusal } from './refusal';

export type FilterChain = NonNullable<Listener['filterChains']>[number];
type Match = NonNullable<FilterChain['filterChainMatch']>;
type NetworkFilter = NonNullable<FilterChain['filters']>[number];

/** A port of a service, where its callers arrive. */
export interface ServedPort {
  /** Of the listener, of its statistics and of its routes. */
  readonly name: string;
  readonly service: Service;
  readonly protocol: Protocol;
  /** Where the application has it. */
  readonly applicationPort: number;
  /** Plain text is let in, whoever sends it. */
  readonly permissive: boolean;
  readonly server: 'inbound' | 'shared';
  /** Where requests go. */
  readonly hosts: readonly VirtualHost[];
  /** Filters without which routes of theirs would have no effect. */
  readonly filters: readonly HttpFilter[];
  /** Where connections go whose requests cannot be told apart. */
  readonly destination: TcpProxyOptions['destination'];
  /** Where the application is, if connections go to it alone: then nobody who may not connect reaches it. */
  readonly application?: Socket | undefined;
}

export interface Served extends Configuration {
  readonly filterChains: readonly FilterChain[];
  /** A client in plain text may wait for the server to speak first. */
  readonly serverFirst: boolean;
}

/**
 * One chain for mutual TLS, and for plain text what the service admits: everybody, those who are declared to be outside of the mesh, or
 * nobody, who is told so where there are words for it.
 */
export function servedPort(context: Context, port: ServedPort): Served {
  return Port.isHttp(port.protocol) ? requests(context, port) : connections(context, port);
}

/** What every port asks for that is served over mutual TLS. */
const mutualTls: Configuration = { ...emptyConfiguration, secrets: [{ kind: 'identity' }, { kind: 'trust' }] };

function requests(context: Context, port: ServedPort): Served {
  const { name, service, server, permissive } = port;
  const declared = accessOf(context, service, port.applicationPort);
  const access = requestAccess(context, service, { name, access: declared, permissive });
  const manager = (reserved: readonly string[]) =>
    httpConnectionManager(context, {
      statPrefix: name,
      routes: { kind: 'rds', name },
      filters: [...access.filters, ...port.filters],
      server,
      telemetryOf: ref(service),
      localReplyConfig: access.localReplyConfig,
      reservedHeaders: reserved,
    });
  const mutual: FilterChain = {
    name: 'mutual-tls',
    filterChainMatch: { transportProtocol: 'tls' },
    transportSocket: serverTls(context, { alpn: ['h2', 'http/1.1'] }),
    filters: [manager([])],
  };
  // The word of a caller's proxy is none where no proxy has proven itself.
  const plain = manager([names.headers.rule]);
  const refused = refusal(context, {
    statPrefix: name,
    callee: `${service.name}.${service.namespace}`,
    name: service.name,
    of: ref(service),
  });
  const outside = outsideAddresses(context, declared.allow);
  return {
    ...mutualTls,
    filterChains: [mutual, ...plainChains({ permissive, outside, serves: [plain], refuses: [refused] })],
    serverFirst: false,
    routes: [
      {
        name,
        virtualHosts: port.hosts,
        typedPerFilterConfig: access.config,
        requestHeadersToRemove: [names.headers.rule],
        mostSpecificHeaderMutationsWins: true,
      },
    ],
    extensions: access.extensions,
    clusters: access.clusters,
    assignments: access.assignments,
    secrets: [...mutualTls.secrets, ...access.secrets],
  };
}

function connections(context: Context, port: ServedPort): Served {
  const { name, service, server, permissive, protocol } = port;
  const declared = accessOf(context, service, port.applicationPort);
  const access = networkAccess(context, name, { access: declared, permissive });
  const guard = port.application && gate(context, name, { access: declared, application: port.application });
  const proxied = { statPrefix: name, destination: port.destination, server, telemetryOf: ref(service) };
  const outside = outsideAddresses(context, declared.allow);
  const plain = plainChains({
    permissive,
    outside,
    serves: [...(guard ? [guard.filters.plain] : []), access.filter, tcpProxy(context, proxied)],
    refuses: [],
  });
  // TLS of the application's own is plain text to the mesh, and only its protocol tells them apart. Envoy looks no further once it
  // has found chains for TLS, so those in plain text stand there a second time.
  const ownTls = protocol === 'tls' && plain.length > 0;
  return {
    ...mutualTls,
    filterChains: [
      {
        name: 'mutual-tls',
        filterChainMatch: { transportProtocol: 'tls', ...(ownTls && { applicationProtocols: [meshAlpn] }) },
        transportSocket: serverTls(context, { alpn: [] }),
        filters: [
          ...(guard ? [guard.filters.mutual] : []),
          access.filter,
          tcpProxy(context, { ...proxied, ...(guard && { afterHandshake: true, accessLog: guard.accessLog }) }),
        ],
      },
      ...(ownTls
        ? plain.map((chain) => ({
            ...chain,
            name: `${chain.name}-tls`,
            filterChainMatch: { ...chain.filterChainMatch, transportProtocol: 'tls' },
          }))
        : []),
      ...plain,
    ],
    serverFirst: protocol === 'tcp' && plain.length > 0,
    extensions: [...(guard ? [guard.resource] : []), access.resource],
  };
}

/** By the address that the connection comes from, which no header can forge. */
function plainChains({
  permissive,
  outside,
  serves,
  refuses,
}: {
  readonly permissive: boolean;
  readonly outside: readonly string[];
  readonly serves: readonly NetworkFilter[];
  readonly refuses: readonly NetworkFilter[];
}): readonly FilterChain[] {
  if (permissive) return [{ name: 'plain-text', filters: serves }];
  const match: Match = { directSourcePrefixRanges: outside.map(cidrRange) };
  return [
    ...(outside.length > 0 ? [{ name: 'outside', filterChainMatch: match, filters: serves }] : []),
    ...(refuses.length > 0 ? [{ name: 'plain-text', filters: refuses }] : []),
  ];
}

function ref({ namespace, name }: Ref): Ref {
  return { namespace, name };
}
