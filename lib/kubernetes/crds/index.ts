import { gatewayApiCrds } from '../generated/gateway-api-crds';
import type { Manifest } from '../manifest';
import { definition } from './definition';
import { kinds } from './kinds';

/**
 * Definitions of kinds: the mesh's own, made from the very shapes that encode and decode them, and Gateway API's, as its
 * authors publish them.
 */
export { gatewayApiVersion } from '../generated/gateway-api-crds';

/** CustomResourceDefinitions of the mesh's own kinds, by name. */
export function meshwrightDefinitions(): readonly Manifest[] {
  return kinds.map(definition);
}

/**
 * CustomResourceDefinitions of Gateway API in a channel, by name. Of a kind that is in both, `experimental` gives the one with
 * the experimental fields.
 */
export function gatewayApiDefinitions(channel: 'standard' | 'experimental'): readonly Manifest[] {
  return gatewayApiCrds(channel);
}
