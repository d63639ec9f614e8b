import { lookup, type Model, type Ref, type TrafficPolicy } from '../../model';

/** What of the traffic policies of a service holds for one of its ports. */
export type PortPolicy = Omit<TrafficPolicy, 'namespace' | 'name' | 'service' | 'port'>;

/** The policy of the port itself, and for what it does not say the one of all ports. */
export function trafficPolicyOf(model: Model, service: Ref, port: number): PortPolicy {
  const policies = lookup(model).trafficPolicies(service);
  return {
    ...policies.find((policy) => policy.port === undefined),
    ...policies.find((policy) => policy.port === port),
  };
}
