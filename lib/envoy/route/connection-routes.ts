import type { Backend, Ref } from '../../model';
import type { ServiceTarget } from '../cluster/service';
import type { Context } from '../context';
import type { Messages } from '../types';
import { reachOfPorts } from './reach';
import { destination, variants } from './split';

type TcpProxy = Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy'];

/** Where connections go whose bytes nobody reads. */
export interface ConnectionRoute {
  readonly destination: Pick<TcpProxy, 'cluster' | 'weightedClusters'>;
  readonly targets: readonly ServiceTarget[];
}

/**
 * Splits connections over backends. A canary divides them too; of what it would look at in requests, and of callers it would know
 * again, nothing can be seen here. A backend that is not there ends its share of the connections.
 */
export function connectionRoute(
  context: Context,
  backends: readonly Backend[],
  behind?: (service: Ref) => boolean,
): ConnectionRoute {
  const reach = reachOfPorts(context, ({ protocol }) => protocol !== 'udp', behind);
  const shares = variants(context, { prefix: '/' }, backends, reach).at(-1)?.shares ?? [];
  const plain = shares.map(({ target, weight }) => ({ ...(target && { target }), weight }));
  const { cluster, weightedClusters } = destination(plain, {}).action;
  return {
    destination:
      cluster !== undefined ? { cluster } : { weightedClusters: { clusters: weightedClusters?.clusters ?? [] } },
    targets: shares.flatMap(({ target }) => target ?? []),
  };
}
