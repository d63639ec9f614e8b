import { names } from '../../model';
import { extension } from '../any';
import { socketOf } from '../binding';
import type { Context } from '../context';
import { addressOf } from '../socket-address';
import type { Listener } from '../types';
import { inOrder } from './filter-order';

/**
 * Says that the proxy serves: it comes over xDS with all the others, so it is there when they are. While the proxy drains it says 503, and
 * the proxy gets nothing new. Absent where the proxy has no place for it.
 */
export function readinessListener(context: Context): Listener | undefined {
  const socket = socketOf(context.binding, { kind: 'readiness' });
  if (!socket) return undefined;
  return {
    name: 'readiness',
    address: addressOf(socket),
    // A proxy that is busy is ready.
    ignoreGlobalConnLimit: true,
    bypassOverloadManager: true,
    filterChains: [
      {
        filters: [
          extension(
            'envoy.filters.network.http_connection_manager',
            'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            {
              statPrefix: 'readiness',
              generateRequestId: false,
              // Whatever else is asked for is not found.
              routeConfig: { name: 'readiness' },
              httpFilters: inOrder([
                extension(
                  'envoy.filters.http.health_check',
                  'envoy.extensions.filters.http.health_check.v3.HealthCheck',
                  {
                    passThroughMode: false,
                    headers: [{ name: ':path', stringMatch: { exact: names.paths.readiness } }],
                  },
                ),
              ]),
            },
          ),
        ],
      },
    ],
  };
}
