import { type AccessRule, type Edge, type ExternalService, lookup, names, order, Port, Ref } from '../../model';
import { type Access, denialReplies, httpAccess, networkAccess } from '../access';
import { socketOf } from '../binding';
import { clustersOf, type Target } from '../cluster';
import { type Configuration, emptyConfiguration } from '../configuration';
import type { Context } from '../context';
import { httpConnectionManager } from '../http/connection-manager';
import { callCounters } from '../http/grpc-stats';
import { listenerOf } from '../inbound';
import { tcpProxy } from '../tcp-proxy';
import { serverTls } from '../tls/mutual';
import type { Listener, RouteConfiguration, TypedExtensionConfig } from '../types';

type FilterChain = NonNullable<Listener['filterChains']>[number];

/**
 * What an egress gateway serves: all that leaves by it arrives at one port over mutual TLS, and the server name says for which
 * external service. Who has declared to call that one is let through, and nobody else.
 */
export function egressGateway(context: Context): Configuration {
  const { proxy, model } = context;
  const socket = socketOf(context.binding, { kind: 'listener', port: names.ports.egress });
  const served = model.externalServices
    .filter(({ namespace, via }) => via === proxyName(context) && namespace === namespaceOf(context))
    .map((external) => servedExternal(context, external));
  if (proxy.kind !== 'egress-gateway' || !socket || served.length === 0) return emptyConfiguration;
  const { secrets, ...clusters } = clustersOf(
    context,
    served.flatMap(({ targets }) => targets),
  );
  return {
    ...clusters,
    listeners: [listenerOf('egress', socket, { filterChains: served.map(({ chain }) => chain), serverFirst: false })],
    routes: served.flatMap(({ routes }) => routes).sort((a, b) => order(a.name ?? '', b.name ?? '')),
    extensions: served.flatMap(({ extensions }) => extensions),
    secrets: [{ kind: 'identity' }, { kind: 'trust' }, ...secrets],
  };
}

function proxyName({ proxy }: Context): string | undefined {
  return proxy.kind === 'egress-gateway' ? proxy.name : undefined;
}

function namespaceOf({ proxy }: Context): string | undefined {
  return proxy.kind === 'egress-gateway' ? proxy.namespace : undefined;
}

interface ServedExternal {
  readonly chain: FilterChain;
  readonly routes: readonly RouteConfiguration[];
  readonly extensions: readonly TypedExtensionConfig[];
  readonly targets: readonly Target[];
}

function servedExternal(context: Context, external: ExternalService): ServedExternal {
  const name = names.egressService(external, external.port);
  const access = callersOf(lookup(context.model).edgesTo('externalService', external));
  const match = { transportProtocol: 'tls', serverNames: [names.egressServerName(external)] };
  const target: Target = { kind: 'external', external: { namespace: external.namespace, name: external.name } };
  return Port.isHttp(external.protocol)
    ? requests(context, external, { name, access, match, target })
    : connections(context, external, { name, access, match, target });
}

interface Part {
  readonly name: string;
  readonly access: Access;
  readonly match: NonNullable<FilterChain['filterChainMatch']>;
  readonly target: Target;
}

function requests(context: Context, external: ExternalService, { name, access, match, target }: Part): ServedExternal {
  const rules = httpAccess(context, { access, payloads: [], permissive: false });
  const cluster = names.externalCluster(external, external.port);
  return {
    chain: {
      name,
      filterChainMatch: match,
      transportSocket: serverTls(context, { alpn: ['h2'] }),
      filters: [
        httpConnectionManager(context, {
          statPrefix: name,
          routes: { kind: 'rds', name },
          filters: [...callCounters(context.model, [target]), ...rules.filters],
          server: 'shared',
          localReplyConfig: denialReplies({
            callee: external.host,
            name: external.name,
            claims: false,
          }),
        }),
      ],
    },
    routes: [
      {
        name,
        virtualHosts: [
          {
            name: Ref.key(external),
            domains: ['*'],
            // The caller's proxy has written the host, waits as long as it was told, and tries again.
            routes: [{ name: Ref.key(external), match: { prefix: '/' }, route: { cluster, timeout: '0s' } }],
          },
        ],
        typedPerFilterConfig: rules.config,
        // Who calls is the mesh's affair, and nobody's outside.
        requestHeadersToRemove: [names.headers.rule, 'x-forwarded-client-cert'],
      },
    ],
    extensions: [],
    targets: [target],
  };
}

function connections(
  context: Context,
  external: ExternalService,
  { name, access, match, target }: Part,
): ServedExternal {
  const rules = networkAccess(context, name, { access, permissive: false });
  return {
    chain: {
      name,
      filterChainMatch: match,
      transportSocket: serverTls(context, { alpn: [] }),
      filters: [
        rules.filter,
        tcpProxy(context, {
          statPrefix: name,
          destination: { cluster: names.externalCluster(external, external.port) },
          server: 'shared',
        }),
      ],
    },
    routes: [],
    extensions: [rules.resource],
    targets: [target],
  };
}

/** Edges to what is outside are nobody's policy: here they are the only rules that there are. */
function callersOf(edges: readonly Edge[]): Access {
  const rules = edges.map(
    ({ from, only }): AccessRule => ({
      action: 'allow',
      shadow: false,
      from: [{ kind: 'identity', namespace: from.namespace, serviceAccount: from.serviceAccount }],
      ports: [],
      requests: only,
      claims: [],
    }),
  );
  return { allow: rules, deny: [], shadow: { allow: [], deny: [] } };
}
