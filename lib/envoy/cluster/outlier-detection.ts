import { defaults, type OutlierDetection } from '../../model';
import { seconds } from '../seconds';
import type { Cluster } from '../types';

/**
 * An instance that fails is left alone for a while. What the proxy finds by itself (no connection, no answer in time) is counted
 * apart from what instances answer; success rates count only where they are declared, though Envoy would count them by default.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/outlier
 */
export function outlierDetection(declared: OutlierDetection = {}): Pick<Cluster, 'outlierDetection'> {
  if (declared.enabled === false) return {};
  const usual = defaults.outlierDetection;
  const { successRate } = declared;
  return {
    outlierDetection: {
      consecutive5xx: declared.consecutive5xx ?? usual.consecutive5xx,
      consecutiveGatewayFailure: declared.consecutiveGatewayErrors ?? usual.consecutiveGatewayErrors,
      enforcingConsecutiveGatewayFailure: 100,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailure: declared.consecutiveLocalOriginFailures ?? usual.consecutiveLocalOriginFailures,
      interval: seconds(declared.interval ?? usual.interval),
      baseEjectionTime: seconds(declared.baseEjectionTime ?? usual.baseEjectionTime),
      maxEjectionPercent: Math.round(declared.maxEjectionPercent ?? usual.maxEjectionPercent),
      ...(successRate
        ? {
            enforcingSuccessRate: 100,
            successRateStdevFactor: Math.round(successRate.standardDeviations * 1_000),
            successRateMinimumHosts: successRate.minimumHosts,
            successRateRequestVolume: successRate.minimumRequests,
          }
        : { enforcingSuccessRate: 0 }),
      enforcingLocalOriginSuccessRate: 0,
    },
  };
}
