import type { LoadBalancing, SlowStart } from '../../model';
import { seconds } from '../seconds';
import type { Cluster } from '../types';

/**
 * Which instance gets a request: of two chosen at random the one with fewer open requests, unless it is said otherwise. What a hash is
 * made of stands at the route ({@link ../route/hash-policies}).
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/load_balancing/load_balancers
 */
export function loadBalancing(policy: LoadBalancing = { kind: 'leastRequest' }): Partial<Cluster> {
  switch (policy.kind) {
    case 'roundRobin':
      return {
        lbPolicy: 'ROUND_ROBIN',
        ...atOnce,
        ...(policy.slowStart && { roundRobinLbConfig: { slowStartConfig: slowStartConfig(policy.slowStart) } }),
      };
    case 'leastRequest': {
      const { choices, slowStart } = policy;
      const config = {
        ...(choices !== undefined && { choiceCount: choices }),
        ...(slowStart && { slowStartConfig: slowStartConfig(slowStart) }),
      };
      return {
        lbPolicy: 'LEAST_REQUEST',
        ...atOnce,
        ...(Object.keys(config).length > 0 && { leastRequestLbConfig: config }),
      };
    }
    case 'random':
      return { lbPolicy: 'RANDOM', ...atOnce };
    case 'ringHash':
      return {
        lbPolicy: 'RING_HASH',
        ...(policy.minimumRingSize !== undefined && { ringHashLbConfig: ringSize(policy.minimumRingSize) }),
      };
    case 'maglev':
      return {
        lbPolicy: 'MAGLEV',
        ...(policy.tableSize !== undefined && { maglevLbConfig: { tableSize: policy.tableSize } }),
      };
  }
}

/**
 * An instance that has just been found to fail is left out at once. Envoy would gather such changes for a second, which saves something only
 * where each makes a table anew, as hashes do.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/cluster/v3/cluster.proto#envoy-v3-api-field-config-cluster-v3-cluster-commonlbconfig-update-merge-window
 */
const atOnce: Partial<Cluster> = { commonLbConfig: { updateMergeWindow: '0s' } };

/** Envoy refuses a ring that must be larger than it may be: 8 Mi entries unless told otherwise, which is also the most there can be. */
function ringSize(minimum: number): Cluster['ringHashLbConfig'] {
  return { minimumRingSize: Math.min(minimum, 8_388_608) };
}

function slowStartConfig({
  window,
  minimumPercent = 10,
}: SlowStart): NonNullable<Cluster['roundRobinLbConfig']>['slowStartConfig'] {
  return { slowStartWindow: seconds(window), minWeightPercent: { value: minimumPercent } };
}
