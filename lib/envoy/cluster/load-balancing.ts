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
        ...(Object.keys(config).length > 0 && { leastRequestLbConfig: config }),
      };
    }
    case 'random':
      return { lbPolicy: 'RANDOM' };
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
