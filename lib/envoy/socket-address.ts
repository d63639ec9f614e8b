import type { Socket } from './binding';
import type { Address } from './types';

/** A socket in Envoy's form. */
export function addressOf({ address, port }: Socket): Address {
  return { socketAddress: { address, portValue: port } };
}
