import type { Ref } from '../../model';
import { any, extension } from '../any';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import type { Serving } from '../serving';
import { accessLogs } from '../telemetry/access-log';
import { tracing } from '../telemetry/tracing';
import { overAds } from '../tls/secret-source';
import type { HttpConnectionManager, HttpFilter, RouteConfiguration, TypedExtension } from '../types';
import { failureReply } from './failure-replies';
import { inOrder } from './filter-order';
import { grpcStats } from './grpc-stats';

type HeaderMutation = envoy.config.common.mutation_rules.v3.HeaderMutation;

export interface ConnectionManagerOptions {
  /** Name of its statistics. Without `|` there are none (`lib/envoy/bootstrap/statistics`). */
  readonly statPrefix: string;
  readonly routes:
    | { readonly kind: 'rds'; readonly name: string }
    | { readonly kind: 'inline'; readonly configuration: RouteConfiguration };
  /** In any order, without the router. Only what some route of it uses. */
  readonly filters: readonly HttpFilter[];
  /** Whom it serves. */
  readonly server: Serving;
  /** The service whose telemetry settings hold. Absent: the one that a sidecar stands beside, or else the mesh's. */
  readonly telemetryOf?: Ref;
  /** What Envoy's own answers say. Absent: Envoy's words. */
  readonly localReplyConfig?: HttpConnectionManager['localReplyConfig'];
  /** Headers that mean something where they are the proxy's word; those of requests are removed. */
  readonly reservedHeaders?: readonly string[];
}

/** The network filter that speaks HTTP/1.1 and HTTP/2, as it is spoken to, WebSocket over both included. */
export function httpConnectionManager(
  context: Context,
  {
    statPrefix,
    routes,
    filters,
    server,
    telemetryOf,
    localReplyConfig,
    reservedHeaders = [],
  }: ConnectionManagerOptions,
): TypedExtension<typeof type> {
  const traced = tracing(context, { server, ...(telemetryOf && { of: telemetryOf }) });
  const logged = accessLogs(context, {
    server,
    protocol: 'http',
    grpc: filters.some(({ name }) => name === grpcStats.name),
    ...(telemetryOf && { of: telemetryOf }),
  });
  return extension('envoy.filters.network.http_connection_manager', type, {
    statPrefix,
    ...(routes.kind === 'rds'
      ? { rds: { routeConfigName: routes.name, configSource: overAds } }
      : { routeConfig: routes.configuration }),
    httpFilters: inOrder(filters),
    ...pathNormalization(server),
    ...limits[server],
    ...clientIdentity[server],
    ...removals([...(trusted[server] ? [] : [steering]), ...reservedHeaders.map((remove) => ({ remove }))]),
    // Whatever the application names itself; "envoy" is nobody's affair.
    serverHeaderTransformation: 'PASS_THROUGH',
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    ...(logged.length === 0 ? {} : { accessLog: logged }),
    ...(traced ? { tracing: traced } : {}),
    ...localReplies(server, localReplyConfig),
  });
}

const type = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** Who is called by proxies of the mesh tells them why an application has not answered; the first mapper that fits holds. */
function localReplies(
  server: Serving,
  given: HttpConnectionManager['localReplyConfig'],
): Pick<HttpConnectionManager, 'localReplyConfig'> {
  if (server !== 'inbound' && server !== 'shared') return given ? { localReplyConfig: given } : {};
  return { localReplyConfig: { ...given, mappers: [...(given?.mappers ?? []), failureReply] } };
}

/**
 * Access rules and routes match the very path that the application gets, or `//admin` and `/%2Fadmin` would lead around them.
 * A browser is led to the path that is meant; inside the mesh, where gRPC knows no redirects, it is replaced.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/best_practices/edge
 */
function pathNormalization(server: Serving): Partial<HttpConnectionManager> {
  return {
    normalizePath: true,
    mergeSlashes: true,
    pathWithEscapedSlashesAction: server === 'gateway' ? 'UNESCAPE_AND_REDIRECT' : 'UNESCAPE_AND_FORWARD',
  };
}

/** A stream without a byte either way. Calls end by their timeouts; this is for what has none: WebSockets, subscriptions. */
const idleStream = '3600s';

/** An extended CONNECT is how HTTP/2 upgrades to WebSocket (RFC 8441). */
const inTheMesh: Partial<HttpConnectionManager> = {
  http2ProtocolOptions: { allowConnect: true },
  streamIdleTimeout: idleStream,
};

const limits: Record<Serving, Partial<HttpConnectionManager>> = {
  outbound: inTheMesh,
  // Longer than callers keep an idle connection (an hour), so that it is they who close it, with no request on its way.
  inbound: { ...inTheMesh, commonHttpProtocolOptions: { idleTimeout: '7200s' } },
  shared: { ...inTheMesh, commonHttpProtocolOptions: { idleTimeout: '7200s' } },
  // Towards the world what Envoy's authors give for it, so that a client that stalls holds little.
  gateway: {
    http2ProtocolOptions: {
      allowConnect: true,
      maxConcurrentStreams: 100,
      initialStreamWindowSize: 65_536,
      initialConnectionWindowSize: 1_048_576,
    },
    // `x_forwarded_for` becomes `HTTP_X_FORWARDED_FOR` in many an application, as does `x-forwarded-for`.
    commonHttpProtocolOptions: { headersWithUnderscoresAction: 'DROP_HEADER' },
    requestHeadersTimeout: '10s',
  },
};

/**
 * What the application learns of its caller. Only a gateway knows the client's address first hand, and writes it into
 * `x-forwarded-for`; inside the mesh that header is handed on as it is. The caller's certificate is told as
 * `x-forwarded-client-cert` by the proxy that has verified it, and by no other.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/headers
 */
const clientIdentity: Record<Serving, Partial<HttpConnectionManager>> = {
  outbound: {},
  inbound: { forwardClientCertDetails: 'SANITIZE_SET', setCurrentClientCertDetails: { uri: true } },
  shared: { forwardClientCertDetails: 'SANITIZE_SET', setCurrentClientCertDetails: { uri: true } },
  gateway: { useRemoteAddress: true },
};

/**
 * Headers by which a request tells Envoy's router how to treat it. An application may so tell its own sidecar; the sidecar of
 * the one that is called must not be told by strangers to try a request of theirs again. A gateway, which takes every client for a
 * stranger, removes them of itself.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/router_filter#http-headers-consumed
 */
const steering: HeaderMutation = { removeOnMatch: { keyMatcher: { prefix: 'x-envoy-' } } };

/** Who may steer: the application beside a sidecar. A gateway sees to it by itself. */
const trusted: Record<Serving, boolean> = { outbound: true, inbound: false, shared: false, gateway: true };

/** Before anything else looks at the request. */
function removals(mutations: readonly HeaderMutation[]): Partial<HttpConnectionManager> {
  if (mutations.length === 0) return {};
  return {
    earlyHeaderMutationExtensions: [
      {
        name: 'envoy.http.early_header_mutation.header_mutation',
        typedConfig: any('envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', {
          mutations,
        }),
      },
    ],
  };
}
