import type { HashKey, Model } from '../../model';
import type { ServiceTarget } from '../cluster/service';
import { trafficPolicyOf } from '../cluster/traffic-policy';
import { seconds } from '../seconds';
import type { Route } from '../types';

type HashPolicy = NonNullable<NonNullable<Route['route']>['hashPolicy']>[number];

/** What of a request decides its instance, where a policy of a service that it can go to says so. */
export function hashPolicies(
  model: Model,
  targets: readonly ServiceTarget[],
): { readonly hashPolicy?: readonly HashPolicy[] } {
  const policies = new Map<string, HashPolicy>();
  for (const { service, port } of targets) {
    const { loadBalancing } = trafficPolicyOf(model, service, port);
    if (loadBalancing?.kind !== 'ringHash' && loadBalancing?.kind !== 'maglev') continue;
    for (const key of loadBalancing.by) policies.set(JSON.stringify(key), hashPolicy(key));
  }
  return policies.size > 0 ? { hashPolicy: [...policies.values()] } : {};
}

function hashPolicy(key: HashKey): HashPolicy {
  switch (key.kind) {
    case 'header':
      return { header: { headerName: key.name } };
    case 'cookie':
      return {
        cookie: {
          name: key.name,
          ...(key.path !== undefined && { path: key.path }),
          // Envoy sets a cookie that has a time to live, zero for the time of the browser's session.
          ...(key.ttl !== undefined && { ttl: seconds(key.ttl) }),
        },
      };
    case 'sourceAddress':
      return { connectionProperties: { sourceIp: true } };
    case 'queryParameter':
      return { queryParameter: { name: key.name } };
  }
}
