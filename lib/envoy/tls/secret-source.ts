import { type SecretRef, secretName } from '../configuration';
import type { ConfigSource, Messages } from '../types';

/** Resources that other resources refer to come over the stream that these came by. */
export const overAds: ConfigSource = { ads: {}, resourceApiVersion: 'V3' };

/** Where a TLS context takes a secret from: over the stream, so that a renewed one needs neither file nor restart. */
export function sdsSecret(
  ref: SecretRef,
): Messages['envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig'] & { readonly name: string } {
  return { name: secretName(ref), sdsConfig: overAds };
}
