import { type ExternalService, lookup, order, Ref } from '../../model';
import type { Assignment, Configuration, SecretRef } from '../configuration';
import type { Context } from '../context';
import type { Cluster } from '../types';
import { externalCluster } from './external';
import { type ServiceTarget, serviceCluster } from './service';

/** Whom a cluster is of. */
export type Target = ServiceTarget | { readonly kind: 'external'; readonly external: Ref };

/** The clusters of all that a part of a proxy leads to, each once, sorted by name, and what they ask for. */
export function clustersOf(
  context: Context,
  targets: readonly Target[],
): Pick<Configuration, 'clusters' | 'assignments' | 'secrets'> {
  const made = new Map<string, Made>();
  for (const target of targets) {
    const cluster = clusterOf(context, target);
    if (cluster) made.set(cluster.cluster.name ?? '', cluster);
  }
  const sorted = [...made].sort(([a], [b]) => order(a, b)).map(([, one]) => one);
  return {
    clusters: sorted.map(({ cluster }) => cluster),
    assignments: sorted.flatMap(({ assignment }) => assignment ?? []),
    secrets: sorted.flatMap(({ secrets = [] }) => secrets),
  };
}

interface Made {
  readonly cluster: Cluster;
  readonly assignment?: Assignment;
  readonly secrets?: readonly SecretRef[];
}

function clusterOf(context: Context, target: Target): Made | undefined {
  if (target.kind === 'service') {
    return serviceCluster(context, standsBefore(context, target.service) ? { ...target, behind: true } : target);
  }
  const external: ExternalService | undefined = lookup(context.model).externalService(target.external);
  return external && externalCluster(context, external);
}

/** What a shared proxy itself asks of one of its own services, authorization say, goes where the calls of others to it go. */
function standsBefore({ proxy, model }: Context, service: Ref): boolean {
  if (proxy.kind !== 'shared-proxy') return false;
  const shared = lookup(model).sharedProxy(service);
  return shared !== undefined && Ref.equal(shared, proxy);
}
