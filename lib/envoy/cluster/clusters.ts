import { type ExternalService, lookup, order, Ref } from '../../model';
import type { Assignment, Configuration, SecretRef } from '../configuration';
import type { Context } from '../context';
import type { Cluster } from '../types';
import { externalCluster } from './external';
import { type RetryBudget, type ServiceTarget, serviceCluster, serviceClusterName } from './service';

/** Whom a cluster is of. */
export type Target = ServiceTarget | ExternalTarget;

export interface ExternalTarget {
  readonly kind: 'external';
  readonly external: Ref;
  /** What whoever leads there declares of retries. Absent: as the mesh says. */
  readonly retryBudget?: RetryBudget;
}

/** The clusters of all that a part of a proxy leads to, each once, sorted by name, and what they ask for. */
export function clustersOf(
  context: Context,
  targets: readonly Target[],
): Pick<Configuration, 'clusters' | 'assignments' | 'secrets'> {
  const made = new Map<string, Made>();
  for (const target of distinct(targets)) {
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
  return external && externalCluster(context, external, target.retryBudget);
}

/** What a shared proxy itself asks of one of its own services, authorization say, goes where the calls of others to it go. */
function standsBefore({ proxy, model }: Context, service: Ref): boolean {
  if (proxy.kind !== 'shared-proxy') return false;
  const shared = lookup(model).sharedProxy(service);
  return shared !== undefined && Ref.equal(shared, proxy);
}

/** A cluster is one for each service and port, whatever leads there: it has the most generous of the budgets that are declared. */
function distinct(targets: readonly Target[]): readonly Target[] {
  const found = new Map<string, Target>();
  for (const target of targets) {
    const key = target.kind === 'external' ? `external ${Ref.key(target.external)}` : serviceClusterName(target);
    const budgets = [found.get(key)?.retryBudget ?? [], target.retryBudget ?? []].flat();
    found.set(key, {
      ...target,
      ...(budgets.length > 0 && {
        retryBudget: {
          percent: Math.max(...budgets.map(({ percent }) => percent)),
          minConcurrency: Math.max(...budgets.map(({ minConcurrency }) => minConcurrency)),
        },
      }),
    });
  }
  return [...found.values()];
}
