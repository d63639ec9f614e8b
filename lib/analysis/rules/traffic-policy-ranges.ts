import { type LoadBalancing, locate, type TrafficPolicy } from '../../model';
import { path, token } from '../form';
import { Range, type RangeCheck, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

/** Envoy keeps the permutation tables of Maglev in memory and bounds them. */
const largestTable = 5_000_011;
/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto (RingHashLbConfig) */
const largestRing = 8_388_608;

export const trafficPolicyRanges: Rule = {
  code: 'MESH0520',
  level: 'error',
  summary: 'what a traffic policy sets is within what the proxy takes',
  check: ({ model }) =>
    model.trafficPolicies.flatMap((policy) => {
      const at = locate('TrafficPolicy', policy);
      return [
        ...rangeFindings(at, ranges(policy)),
        ...[...hashProblems(policy.loadBalancing), ...checkProblems(policy), ...localityProblems(policy)].map(
          ([message, fix]) => ({ at, message, fix }),
        ),
      ];
    }),
};

type Problem = readonly [message: Finding['message'], fix: Finding['fix']];

function ranges({
  loadBalancing: balancing,
  locality,
  limits,
  outlierDetection: outliers,
  ...policy
}: TrafficPolicy): readonly RangeCheck[] {
  const slow = balancing && 'slowStart' in balancing ? balancing.slowStart : undefined;
  const { connection, healthCheck: health } = policy;
  const keepAlive = connection?.tcpKeepAlive;
  const http2 = connection?.http2KeepAlive;
  const limit = Range.whole(1, 4_294_967_295);
  return [
    ['loadBalancing.slowStart.window', slow?.window, Range.duration(1)],
    ['loadBalancing.slowStart.minimumPercent', slow?.minimumPercent, Range.between(0, 100)],
    [
      'loadBalancing.choices',
      balancing?.kind === 'leastRequest' ? balancing.choices : undefined,
      Range.whole(2, 4_294_967_295),
    ],
    [
      'loadBalancing.minimumRingSize',
      balancing?.kind === 'ringHash' ? balancing.minimumRingSize : undefined,
      Range.whole(1, largestRing),
    ],
    ['locality.minHealthyPercent', locality?.minHealthyPercent, Range.above(0, 100)],
    ['limits.maxConnections', limits?.maxConnections, limit],
    ['limits.maxPendingRequests', limits?.maxPendingRequests, limit],
    ['limits.maxRequests', limits?.maxRequests, limit],
    ['limits.maxRequestsPerConnection', limits?.maxRequestsPerConnection, limit],
    ['outlierDetection.consecutive5xx', outliers?.consecutive5xx, Range.whole(1)],
    ['outlierDetection.consecutiveGatewayErrors', outliers?.consecutiveGatewayErrors, Range.whole(1)],
    ['outlierDetection.consecutiveLocalOriginFailures', outliers?.consecutiveLocalOriginFailures, Range.whole(1)],
    ['outlierDetection.interval', outliers?.interval, Range.duration(1)],
    ['outlierDetection.baseEjectionTime', outliers?.baseEjectionTime, Range.duration(1)],
    ['outlierDetection.maxEjectionPercent', outliers?.maxEjectionPercent, Range.between(0, 100)],
    ['outlierDetection.successRate.standardDeviations', outliers?.successRate?.standardDeviations, Range.above(0, 100)],
    ['outlierDetection.successRate.minimumHosts', outliers?.successRate?.minimumHosts, Range.whole(1)],
    ['outlierDetection.successRate.minimumRequests', outliers?.successRate?.minimumRequests, Range.whole(1)],
    ['healthCheck.interval', health?.interval, Range.duration(1)],
    ['healthCheck.timeout', health?.timeout, Range.duration(1)],
    ['healthCheck.unhealthyThreshold', health?.unhealthyThreshold, Range.whole(1)],
    ['healthCheck.healthyThreshold', health?.healthyThreshold, Range.whole(1)],
    ...(health?.kind === 'http' ? (health.statuses ?? []) : []).map(
      (status): RangeCheck => ['healthCheck.statuses', status, Range.whole(100, 599)],
    ),
    ['connection.timeout', connection?.timeout, Range.duration(1)],
    ['connection.idleTimeout', connection?.idleTimeout, Range.duration(0)],
    ['connection.maxDuration', connection?.maxDuration, Range.duration(1)],
    ['connection.tcpKeepAlive.probes', keepAlive?.probes, Range.whole(1)],
    // The kernel counts these in seconds.
    ['connection.tcpKeepAlive.time', keepAlive?.time, Range.duration(1_000)],
    ['connection.tcpKeepAlive.interval', keepAlive?.interval, Range.duration(1_000)],
    ['connection.http2KeepAlive.interval', http2?.interval, Range.duration(1)],
    ['connection.http2KeepAlive.timeout', http2?.timeout, Range.duration(1)],
  ];
}

function hashProblems(balancing: LoadBalancing | undefined): readonly Problem[] {
  if (balancing?.kind !== 'ringHash' && balancing?.kind !== 'maglev') return [];
  const problems: Problem[] = [];
  if (balancing.by.length === 0) {
    problems.push([
      `loadBalancing.by is empty, so ${balancing.kind} has nothing to choose by`,
      'say by which header, cookie, query parameter or source',
    ]);
  }
  for (const key of balancing.by) {
    const name = key.kind === 'header' || key.kind === 'cookie' ? key.name : 'x';
    const refusal = token(name);
    if (refusal !== undefined)
      problems.push([`loadBalancing.by names ${key.kind} ${JSON.stringify(name)}: ${refusal}`, 'write a legal name']);
    if (key.kind === 'queryParameter' && key.name === '') {
      problems.push(['loadBalancing.by names a query parameter without a name', 'write its name']);
    }
  }
  const size = balancing.kind === 'maglev' ? balancing.tableSize : undefined;
  if (size !== undefined && (size > largestTable || !isPrime(size))) {
    problems.push([
      `loadBalancing.tableSize must be a prime number of at most ${largestTable}, got ${size}`,
      `set \`loadBalancing.tableSize\` to a prime number, such as 65537`,
    ]);
  }
  return problems;
}

function checkProblems({ healthCheck }: TrafficPolicy): readonly Problem[] {
  if (!healthCheck) return [];
  const problems: Problem[] = [];
  // Envoy takes a path with a query here.
  const refusal = healthCheck.kind === 'http' ? path(healthCheck.path.replace(/\?.*$/, '')) : undefined;
  if (healthCheck.kind === 'http' && refusal !== undefined) {
    problems.push([
      `healthCheck.path is ${JSON.stringify(healthCheck.path)}: ${refusal}`,
      "begin `healthCheck.path` with '/'",
    ]);
  }
  return problems;
}

function localityProblems({ locality }: TrafficPolicy): readonly Problem[] {
  const known = new Set<string>();
  return (locality?.failover ?? []).flatMap(({ from, to }): readonly Problem[] => {
    const again = known.has(from);
    known.add(from);
    return [
      ...(again
        ? [[`locality.failover names region ${from} twice`, `join the two lists of region ${from}`] as const]
        : []),
      ...(to.includes(from)
        ? [[`locality.failover leads from region ${from} to itself`, `take ${from} out of its own list`] as const]
        : []),
      ...(to.length === 0
        ? [
            [
              `locality.failover leads from region ${from} nowhere`,
              `name the regions that stand in for ${from}`,
            ] as const,
          ]
        : []),
    ];
  });
}

function isPrime(number: number): boolean {
  if (!Number.isInteger(number) || number < 2) return false;
  for (let divisor = 2; divisor * divisor <= number; divisor++) {
    if (number % divisor === 0) return false;
  }
  return true;
}
