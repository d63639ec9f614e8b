import { extension } from '../any';
import type { Socket } from '../binding';
import { addressOf } from '../socket-address';
import type { Listener } from '../types';
import type { Served } from './served-port';

/** Tells TLS from plain text before a chain is chosen. */
export const tlsInspector = extension(
  'envoy.filters.listener.tls_inspector',
  'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
  {},
);

export function listenerOf(
  name: string,
  socket: Socket,
  served: Pick<Served, 'filterChains' | 'serverFirst'>,
): Listener {
  return {
    name,
    trafficDirection: 'INBOUND',
    address: addressOf(socket),
    listenerFilters: [tlsInspector],
    ...(served.serverFirst && patience),
    filterChains: served.filterChains,
  };
}

/**
 * TLS is known by its first bytes, and its client speaks first. A client in plain text may wait for the server to speak: after this
 * time it is taken for one. Where plain text is not served nobody is taken for anything, and who says nothing is closed.
 */
export const patience: Partial<Listener> = { listenerFiltersTimeout: '1s', continueOnListenerFiltersTimeout: true };
