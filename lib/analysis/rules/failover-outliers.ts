import { locate } from '../../model';
import type { Rule } from '../rule';

/** What is never found unhealthy is never left: requests would stay in a zone that is down. */
export const failoverOutliers: Rule = {
  code: 'MESH0521',
  level: 'error',
  summary: 'a preference of locality comes with a way to find instances unhealthy',
  check: ({ model }) =>
    model.trafficPolicies
      .filter(
        ({ locality, outlierDetection, healthCheck }) =>
          locality !== undefined &&
          (locality.prefer !== 'none' || (locality.failover ?? []).length > 0) &&
          outlierDetection?.enabled === false &&
          healthCheck === undefined,
      )
      .map((policy) => ({
        at: locate('TrafficPolicy', policy),
        message: `locality keeps requests for ${policy.service} near, but outlierDetection is off and there is no healthCheck, so they would never fail over`,
        fix: 'leave `outlierDetection` on, or give a `healthCheck`',
      })),
};
