import { type Identity, names } from '../../model';
import { any } from '../any';
import type { Context } from '../context';
import type { Messages, StringMatcher, TransportSocket } from '../types';
import { sdsSecret } from './secret-source';

type CommonTlsContext = Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext'];

/**
 * The application protocols that a TLS connection may carry, the preferred one first. None: bytes of which the mesh knows nothing; then
 * the connection says that it is the mesh's ({@link meshAlpn}), so that it can be told from TLS of the application's own.
 */
export type Alpn = readonly string[];

export const meshAlpn = 'meshwright';

/**
 * Mutual TLS towards a proxy of the mesh: it must prove exactly the identity that is called. `serverName` tells an egress
 * gateway which of its services is meant; others ignore it.
 */
export function clientTls(
  context: Context,
  { identity, serverName, alpn }: { readonly identity: Identity; readonly serverName: string; readonly alpn: Alpn },
): TransportSocket {
  const server = names.spiffeId(context.model.mesh.trustDomain, identity);
  return {
    name: tls,
    typedConfig: any('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      sni: serverName,
      commonTlsContext: commonTlsContext({ exact: server }, alpn),
    }),
  };
}

/**
 * Mutual TLS from proxies of the mesh: whoever has an identity of the trust domain may connect. Which of them may do what is
 * decided by access control, so that a caller without the right learns why.
 */
export function serverTls(context: Context, { alpn }: { readonly alpn: Alpn }): TransportSocket {
  return {
    name: tls,
    typedConfig: any('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
      requireClientCertificate: true,
      commonTlsContext: commonTlsContext({ prefix: `spiffe://${context.model.mesh.trustDomain}/` }, alpn),
    }),
  };
}

const tls = 'envoy.transport_sockets.tls';

/**
 * Both ends are of the mesh, so nothing older than TLS 1.3 is offered, and of its curves those for which the handshake is cheap. Sessions
 * are resumed, as Envoy does unless told otherwise.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/transport_sockets/tls/v3/common.proto
 */
function commonTlsContext(peer: StringMatcher, alpn: Alpn): CommonTlsContext {
  return {
    tlsParams: {
      tlsMinimumProtocolVersion: 'TLSv1_3',
      tlsMaximumProtocolVersion: 'TLSv1_3',
      ecdhCurves: ['X25519', 'P-256'],
    },
    tlsCertificateSdsSecretConfigs: [sdsSecret({ kind: 'identity' })],
    combinedValidationContext: {
      defaultValidationContext: { matchTypedSubjectAltNames: [{ sanType: 'URI', matcher: peer }] },
      validationContextSdsSecretConfig: sdsSecret({ kind: 'trust' }),
    },
    alpnProtocols: alpn.length === 0 ? [meshAlpn] : alpn,
  };
}
