import type { Socket } from './binding';
import type { Address } from './types';

/** A socket in Envoy's form. */
export function addressOf({ address, port }: Socket): Address {
  return { socketAddress: { address, portValue: port } };
}

/** True for an IP address, false for the name of a host. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}
