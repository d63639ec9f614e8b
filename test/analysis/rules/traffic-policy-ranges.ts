import type { TrafficPolicy } from '../../../lib/model';
import { trafficPolicy } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

const policy = (over: Partial<TrafficPolicy>) => shop({ trafficPolicies: [trafficPolicy(reviews, over)] });

export const cases: Cases = {
  valid: {
    model: policy({
      loadBalancing: { kind: 'maglev', by: [{ kind: 'header', name: 'x-user' }], tableSize: 5_000_011 },
      locality: { prefer: 'zone', failover: [{ from: 'eu', to: ['us'] }] },
      limits: { maxConnections: 1 },
      outlierDetection: { consecutive5xx: 1, maxEjectionPercent: 100 },
      healthCheck: {
        kind: 'http',
        path: '/healthz?full=1',
        interval: 1_000,
        timeout: 500,
        unhealthyThreshold: 2,
        healthyThreshold: 1,
      },
      connection: { timeout: 1_000, idleTimeout: 0 },
    }),
  },
  invalid: [
    {
      name: 'balancing',
      model: policy({
        loadBalancing: { kind: 'leastRequest', choices: 1, slowStart: { window: 0, minimumPercent: 101 } },
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'loadBalancing.choices must be a whole number from 2 to 4294967295, got 1',
          fix: 'set `loadBalancing.choices` to a whole number from 2 to 4294967295',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'loadBalancing.slowStart.minimumPercent must be a number from 0 to 100, got 101',
          fix: 'set `loadBalancing.slowStart.minimumPercent` to a number from 0 to 100',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'loadBalancing.slowStart.window must be a duration of at least 1ms, got 0s',
          fix: 'set `loadBalancing.slowStart.window` to a duration of at least 1ms',
        },
      ],
    },
    {
      name: 'rings',
      model: policy({
        loadBalancing: {
          kind: 'ringHash',
          by: [
            { kind: 'cookie', name: 'a b' },
            { kind: 'queryParameter', name: '' },
          ],
          minimumRingSize: 9_000_000,
        },
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'loadBalancing.by names a query parameter without a name',
          fix: 'write its name',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message:
            'loadBalancing.by names cookie "a b": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'loadBalancing.minimumRingSize must be a whole number from 1 to 8388608, got 9000000',
          fix: 'set `loadBalancing.minimumRingSize` to a whole number from 1 to 8388608',
        },
      ],
    },
    {
      name: 'tables',
      model: policy({ loadBalancing: { kind: 'maglev', by: [], tableSize: 65_536 } }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'loadBalancing.by is empty, so maglev has nothing to choose by',
          fix: 'say by which header, cookie, query parameter or source',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'loadBalancing.tableSize must be a prime number of at most 5000011, got 65536',
          fix: 'set `loadBalancing.tableSize` to a prime number, such as 65537',
        },
      ],
    },
    {
      name: 'regions',
      model: policy({
        locality: {
          prefer: 'region',
          minHealthyPercent: 0,
          failover: [
            { from: 'eu', to: ['eu', 'us'] },
            { from: 'eu', to: [] },
          ],
        },
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'locality.failover leads from region eu nowhere',
          fix: 'name the regions that stand in for eu',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'locality.failover leads from region eu to itself',
          fix: 'take eu out of its own list',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'locality.failover names region eu twice',
          fix: 'join the two lists of region eu',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'locality.minHealthyPercent must be a number above 0 and at most 100, got 0',
          fix: 'set `locality.minHealthyPercent` to a number above 0 and at most 100',
        },
      ],
    },
    {
      name: 'limits and outliers',
      model: policy({
        limits: { maxConnections: 0, maxPendingRequests: -1, maxRequests: 0.5, maxRequestsPerConnection: 0 },
        outlierDetection: {
          consecutive5xx: 0,
          consecutiveGatewayErrors: 0,
          consecutiveLocalOriginFailures: 0,
          interval: 0,
          baseEjectionTime: 0,
          maxEjectionPercent: 150,
          successRate: { standardDeviations: 0, minimumHosts: 0, minimumRequests: 0 },
        },
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'limits.maxConnections must be a whole number from 1 to 4294967295, got 0',
          fix: 'set `limits.maxConnections` to a whole number from 1 to 4294967295',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'limits.maxPendingRequests must be a whole number from 1 to 4294967295, got -1',
          fix: 'set `limits.maxPendingRequests` to a whole number from 1 to 4294967295',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'limits.maxRequests must be a whole number from 1 to 4294967295, got 0.5',
          fix: 'set `limits.maxRequests` to a whole number from 1 to 4294967295',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'limits.maxRequestsPerConnection must be a whole number from 1 to 4294967295, got 0',
          fix: 'set `limits.maxRequestsPerConnection` to a whole number from 1 to 4294967295',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.baseEjectionTime must be a duration of at least 1ms, got 0s',
          fix: 'set `outlierDetection.baseEjectionTime` to a duration of at least 1ms',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.consecutive5xx must be a whole number of at least 1, got 0',
          fix: 'set `outlierDetection.consecutive5xx` to a whole number of at least 1',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.consecutiveGatewayErrors must be a whole number of at least 1, got 0',
          fix: 'set `outlierDetection.consecutiveGatewayErrors` to a whole number of at least 1',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.consecutiveLocalOriginFailures must be a whole number of at least 1, got 0',
          fix: 'set `outlierDetection.consecutiveLocalOriginFailures` to a whole number of at least 1',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.interval must be a duration of at least 1ms, got 0s',
          fix: 'set `outlierDetection.interval` to a duration of at least 1ms',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.maxEjectionPercent must be a number from 0 to 100, got 150',
          fix: 'set `outlierDetection.maxEjectionPercent` to a number from 0 to 100',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.successRate.minimumHosts must be a whole number of at least 1, got 0',
          fix: 'set `outlierDetection.successRate.minimumHosts` to a whole number of at least 1',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.successRate.minimumRequests must be a whole number of at least 1, got 0',
          fix: 'set `outlierDetection.successRate.minimumRequests` to a whole number of at least 1',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'outlierDetection.successRate.standardDeviations must be a number above 0 and at most 100, got 0',
          fix: 'set `outlierDetection.successRate.standardDeviations` to a number above 0 and at most 100',
        },
      ],
    },
    {
      name: 'health checks and connections',
      model: policy({
        healthCheck: {
          kind: 'http',
          path: 'healthz',
          statuses: [20],
          interval: 0,
          timeout: 0,
          unhealthyThreshold: 0,
          healthyThreshold: 0,
        },
        connection: {
          timeout: 0,
          idleTimeout: -1,
          maxDuration: 0,
          tcpKeepAlive: { probes: 0, time: 10, interval: 10 },
          http2KeepAlive: { interval: 0, timeout: 0 },
        },
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'connection.http2KeepAlive.interval must be a duration of at least 1ms, got 0s',
          fix: 'set `connection.http2KeepAlive.interval` to a duration of at least 1ms',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'connection.http2KeepAlive.timeout must be a duration of at least 1ms, got 0s',
          fix: 'set `connection.http2KeepAlive.timeout` to a duration of at least 1ms',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'connection.idleTimeout must be a duration of whole milliseconds, got -1',
          fix: 'set `connection.idleTimeout` to a duration of whole milliseconds',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'connection.maxDuration must be a duration of at least 1ms, got 0s',
          fix: 'set `connection.maxDuration` to a duration of at least 1ms',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'connection.tcpKeepAlive.interval must be a duration of at least 1s, got 10ms',
          fix: 'set `connection.tcpKeepAlive.interval` to a duration of at least 1s',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'connection.tcpKeepAlive.probes must be a whole number of at least 1, got 0',
          fix: 'set `connection.tcpKeepAlive.probes` to a whole number of at least 1',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'connection.tcpKeepAlive.time must be a duration of at least 1s, got 10ms',
          fix: 'set `connection.tcpKeepAlive.time` to a duration of at least 1s',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'connection.timeout must be a duration of at least 1ms, got 0s',
          fix: 'set `connection.timeout` to a duration of at least 1ms',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'healthCheck.healthyThreshold must be a whole number of at least 1, got 0',
          fix: 'set `healthCheck.healthyThreshold` to a whole number of at least 1',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'healthCheck.interval must be a duration of at least 1ms, got 0s',
          fix: 'set `healthCheck.interval` to a duration of at least 1ms',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'healthCheck.path is "healthz": a path starts with \'/\'',
          fix: "begin `healthCheck.path` with '/'",
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'healthCheck.statuses must be a whole number from 100 to 599, got 20',
          fix: 'set `healthCheck.statuses` to a whole number from 100 to 599',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'healthCheck.timeout must be a duration of at least 1ms, got 0s',
          fix: 'set `healthCheck.timeout` to a duration of at least 1ms',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'healthCheck.unhealthyThreshold must be a whole number of at least 1, got 0',
          fix: 'set `healthCheck.unhealthyThreshold` to a whole number of at least 1',
        },
      ],
    },
  ],
};
