import { any, type Bootstrap, type Cluster, extension, type TransportSocket } from '../../../lib/envoy';
import { bareRouter, loopback, withoutStatistics } from './backend';

/**
 * What somebody writes who wants mutual TLS between two Envoys and nothing else: no access control, no retries, no outlier
 * detection, no log. HTTP/2 and TLS between the two are as the mesh has them.
 *
 * - `plain`: the rest is left as Envoy has it
 * - `bare`: also what Envoy does of itself is turned off, statistics, request ids and headers: the least that can be had
 */
export type Manner = 'plain' | 'bare';

export interface Certified {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly trust: string;
  /** SPIFFE ID of the other side. */
  readonly peer: string;
}

export function clientByHand(manner: Manner, port: number, upstream: number, certified: Certified): Bootstrap {
  return proxyByHand(manner, port, undefined, {
    ...cluster(upstream),
    typedExtensionProtocolOptions: { [http]: any(http, { explicitHttpConfig: { http2ProtocolOptions: {} } }) },
    transportSocket: extension(tls, 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      sni: 'server.bench',
      commonTlsContext: commonTls(certified),
    }),
  });
}

export function serverByHand(manner: Manner, port: number, application: number, certified: Certified): Bootstrap {
  const transportSocket = extension(tls, 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
    requireClientCertificate: true,
    commonTlsContext: commonTls(certified),
  });
  return proxyByHand(manner, port, transportSocket, cluster(application));
}

/** One Envoy that passes on what it gets, in plain text. */
export function plainByHand(port: number, application: number): Bootstrap {
  return proxyByHand('plain', port, undefined, cluster(application));
}

const tls = 'envoy.transport_sockets.tls';
const http = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

const router = extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {});

function cluster(port: number): Cluster {
  return {
    name: 'next',
    connectTimeout: '5s',
    loadAssignment: {
      clusterName: 'next',
      endpoints: [{ lbEndpoints: [{ endpoint: { address: loopback(port) } }] }],
    },
  };
}

function proxyByHand(
  manner: Manner,
  port: number,
  transportSocket: TransportSocket | undefined,
  next: Cluster,
): Bootstrap {
  const bare = manner === 'bare';
  return {
    ...(bare && withoutStatistics),
    staticResources: {
      listeners: [
        {
          name: 'listener',
          address: loopback(port),
          filterChains: [
            {
              ...(transportSocket && { transportSocket }),
              filters: [
                extension(
                  'envoy.filters.network.http_connection_manager',
                  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                  {
                    statPrefix: 'listener',
                    ...(bare && { generateRequestId: false }),
                    routeConfig: {
                      name: 'listener',
                      virtualHosts: [
                        {
                          name: 'next',
                          domains: ['*'],
                          routes: [{ match: { prefix: '/' }, route: { cluster: next.name } }],
                        },
                      ],
                    },
                    httpFilters: [bare ? bareRouter : router],
                  },
                ),
              ],
            },
          ],
        },
      ],
      clusters: [next],
    },
  };
}

function commonTls({ certificate, key, trust, peer }: Certified) {
  return {
    tlsParams: {
      tlsMinimumProtocolVersion: 'TLSv1_3',
      tlsMaximumProtocolVersion: 'TLSv1_3',
      ecdhCurves: ['X25519', 'P-256'],
    },
    tlsCertificates: [{ certificateChain: { inlineString: certificate }, privateKey: { inlineString: key } }],
    validationContext: {
      trustedCa: { inlineString: trust },
      matchTypedSubjectAltNames: [{ sanType: 'URI', matcher: { exact: peer } }],
    },
    alpnProtocols: ['h2'],
  } as const;
}
