import { names, Port, type Protocol } from '../../model';
import { socketOf } from '../binding';
import type { Context } from '../context';
import { addressOf } from '../socket-address';
import type { Cluster } from '../types';
import { connections, unlimited } from './connections';

/**
 * The application beside a sidecar, spoken to in its own protocol. Callers have their limits; here there is none. Absent where the
 * application has no place.
 */
export function applicationCluster(context: Context, applicationPort: number, protocol: Protocol): Cluster | undefined {
  const socket = socketOf(context.binding, { kind: 'application', applicationPort });
  if (!socket) return undefined;
  const name = names.inboundCluster(applicationPort);
  return {
    name,
    type: 'STATIC',
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ endpoint: { address: addressOf(socket) } }] }],
    },
    ...unlimited,
    ...connections(Port.isHttp(protocol) ? (protocol === 'http' ? 'http1' : 'http2') : 'tcp'),
  };
}
