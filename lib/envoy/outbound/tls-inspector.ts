import { extension } from '../any';
import type { Listener } from '../types';

/** Reads the server name of a connection before its filter chain is chosen. */
export const tlsInspector = extension(
  'envoy.filters.listener.tls_inspector',
  'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
  {},
);

/** Only where a chain asks: it waits for the client to speak first, which clients of some protocols never do. */
export function needsTlsInspector(chains: NonNullable<Listener['filterChains']>): boolean {
  return chains.some(
    ({ filterChainMatch: match }) => match?.serverNames !== undefined || match?.transportProtocol !== undefined,
  );
}
