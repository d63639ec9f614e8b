import { any, extension } from '../any';
import { isAddress } from '../socket-address';
import type { Bootstrap, Cluster, ConfigSource, DiscoveryResponse, Listener } from '../types';
import type { BootstrapOptions } from './options';

/**
 * How a proxy reaches its control plane without an agent:
 *
 *     xDS client ──▶ cluster `xds` ──▶ <runtime>/xds.sock ──▶ listener `xds_tunnel` ──▶ cluster `control_plane` ──▶ TLS
 *                                                              adds the token
 *
 * Envoy's xDS client itself cannot send a token that changes. So it speaks to a listener of its own, in which a filter adds
 * the current one. A UNIX socket, because an internal listener is not there yet when the xDS client connects.
 */

/** Clusters and listeners come over one stream, and with them whatever they refer to. */
export function configurationFromControlPlane(): Bootstrap['dynamicResources'] {
  return {
    adsConfig: {
      apiType: 'DELTA_GRPC',
      transportApiVersion: 'V3',
      setNodeOnFirstMessageOnly: true,
      grpcServices: [
        {
          envoyGrpc: {
            clusterName: tunnelCluster,
            // Envoy would wait up to half a minute; a proxy that starts before its control plane should not.
            retryPolicy: { retryBackOff: { baseInterval: '0.25s', maxInterval: '5s' } },
          },
        },
      ],
    },
    cdsConfig: overTheStream,
    ldsConfig: overTheStream,
  };
}

/**
 * Envoy accepts no connection, not even one of the tunnel to itself, before it has clusters and listeners or has given up
 * waiting for them. So it gives up at once. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/operations/init
 */
const overTheStream: ConfigSource = { ads: {}, resourceApiVersion: 'V3', initialFetchTimeout: '0.001s' };

const tunnelCluster = 'xds';
const controlPlaneCluster = 'control_plane';

export function controlPlaneTunnel(options: BootstrapOptions): Listener {
  return {
    name: 'xds_tunnel',
    address: tunnelSocket(options),
    // Without the control plane an overloaded proxy could not be told to shed load.
    ignoreGlobalConnLimit: true,
    bypassOverloadManager: true,
    filterChains: [
      {
        filters: [
          extension(
            'envoy.filters.network.http_connection_manager',
            'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            {
              statPrefix: 'xds_tunnel',
              codecType: 'HTTP2',
              // A stream of xDS lives as long as the proxy, and is silent for as long as nothing changes.
              streamIdleTimeout: '0s',
              requestTimeout: '0s',
              generateRequestId: false,
              routeConfig: {
                name: 'xds_tunnel',
                virtualHosts: [
                  {
                    name: 'xds_tunnel',
                    domains: ['*'],
                    routes: [
                      {
                        match: { prefix: '/' },
                        route: {
                          cluster: controlPlaneCluster,
                          hostRewriteLiteral: options.controlPlane.host,
                          timeout: '0s',
                        },
                      },
                    ],
                  },
                ],
              },
              httpFilters: [
                tokenInjector(options),
                extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {
                  suppressEnvoyHeaders: true,
                }),
              ],
            },
          ),
        ],
      },
    ],
  };
}

/** What the client claims about itself is replaced, never passed on. */
function tokenInjector(options: BootstrapOptions) {
  return extension(
    'envoy.filters.http.credential_injector',
    'envoy.extensions.filters.http.credential_injector.v3.CredentialInjector',
    {
      overwrite: true,
      credential: extension(
        'envoy.http.injected_credentials.generic',
        'envoy.extensions.http.injected_credentials.generic.v3.Generic',
        {
          credential: { name: tokenName, sdsConfig: fromFile(`${options.paths.config}/token.json`) },
          header: 'authorization',
          headerValuePrefix: 'Bearer ',
        },
      ),
    },
  );
}

const tokenName = 'token';
const trustName = 'trust';

/** A file of secrets is read anew when it is replaced; what it refers to is read anew when the folder that it names changes. */
function fromFile(path: string): ConfigSource {
  return { pathConfigSource: { path }, resourceApiVersion: 'V3' };
}

export function controlPlaneClusters(options: BootstrapOptions): readonly Cluster[] {
  const { host, port } = options.controlPlane;
  return [
    {
      name: tunnelCluster,
      connectTimeout: '1s',
      typedExtensionProtocolOptions: http2({}),
      loadAssignment: {
        clusterName: tunnelCluster,
        endpoints: [{ lbEndpoints: [{ endpoint: { address: tunnelSocket(options) } }] }],
      },
    },
    {
      name: controlPlaneCluster,
      connectTimeout: '5s',
      // One logical host, whose addresses of both families are tried in turn (RFC 8305) for each new connection: a stream
      // that stands is left alone when the answer of DNS changes, and the next one goes to an address that is current.
      clusterType: extension('envoy.clusters.dns', 'envoy.extensions.clusters.dns.v3.DnsCluster', {
        allAddressesInSingleEndpoint: true,
        dnsLookupFamily: 'ALL',
        dnsRefreshRate: '30s',
        dnsFailureRefreshRate: { baseInterval: '0.5s', maxInterval: '5s' },
      }),
      // The connection is silent while nothing changes: pings tell a control plane that has nothing to say from one that is gone.
      typedExtensionProtocolOptions: http2({ connectionKeepalive: { interval: '30s', timeout: '10s' } }),
      transportSocket: tls(options),
      loadAssignment: {
        clusterName: controlPlaneCluster,
        endpoints: [
          { lbEndpoints: [{ endpoint: { address: { socketAddress: { address: host, portValue: port } } } }] },
        ],
      },
    },
  ];
}

function tunnelSocket(options: BootstrapOptions) {
  return { pipe: { path: `${options.paths.runtime}/xds.sock`, mode: onlyItself } };
}

/** The proxy's own user may open the socket and nobody else. */
export const onlyItself = 0o600;

function http2(http2ProtocolOptions: { readonly connectionKeepalive?: { interval: '30s'; timeout: '10s' } }) {
  const name = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  return { [name]: any(name, { explicitHttpConfig: { http2ProtocolOptions } }) };
}

function tls(options: BootstrapOptions) {
  const { host } = options.controlPlane;
  return extension('envoy.transport_sockets.tls', 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    // A server name is a name, never an address (RFC 6066, section 3).
    ...(isAddress(host) ? {} : { sni: host }),
    commonTlsContext: {
      // Clients stop at 1.2 unless told otherwise.
      tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_3', tlsMaximumProtocolVersion: 'TLSv1_3' },
      alpnProtocols: ['h2'],
      combinedValidationContext: {
        defaultValidationContext: {
          matchTypedSubjectAltNames: [{ sanType: isAddress(host) ? 'IP_ADDRESS' : 'DNS', matcher: { exact: host } }],
        },
        // Only what comes as a secret is read anew; certificates of a file that is named here would stay as they were.
        validationContextSdsSecretConfig: {
          name: trustName,
          sdsConfig: fromFile(`${options.paths.config}/trust.json`),
        },
      },
    },
  });
}

/** What `<config>/token.json` holds: where the projected service account token is, and that it changes there. */
export function tokenSecret(options: Pick<BootstrapOptions, 'paths'>): DiscoveryResponse {
  const { token } = options.paths;
  return {
    resources: [
      any('envoy.extensions.transport_sockets.tls.v3.Secret', {
        name: tokenName,
        genericSecret: { secret: { filename: `${token}/token`, watchedDirectory: { path: token } } },
      }),
    ],
  };
}

/** What `<config>/trust.json` holds: where the root certificates are. While the root is rotated there are two. */
export function trustSecret(options: Pick<BootstrapOptions, 'paths'>): DiscoveryResponse {
  const { trust } = options.paths;
  return {
    resources: [
      any('envoy.extensions.transport_sockets.tls.v3.Secret', {
        name: trustName,
        validationContext: { trustedCa: { filename: `${trust}/ca.crt` }, watchedDirectory: { path: trust } },
      }),
    ],
  };
}
