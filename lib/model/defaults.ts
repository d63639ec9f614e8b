import { type Retries, safeRetryConditions } from './edge';
import type { Certificates, ControlPlane, ProxySettings, TrafficDefaults } from './mesh';
import type { Capture } from './service';
import type { Telemetry } from './telemetry';

const second = 1_000;
const hour = 3_600_000;

/** What a mesh does where its author says nothing. Each has its reason; together they are "safe by default". */
export const defaults = {
  namespace: 'meshwright-system',
  clusterDomain: 'cluster.local',

  /** A leaf lives a day, so that a stolen key is worth little; a root lives ten years and is rotated long before. */
  certificates: {
    lifetime: 24 * hour,
    root: { kind: 'generated', lifetime: 10 * 365 * 24 * hour },
  } satisfies Certificates,

  capture: { kind: 'names' } satisfies Capture,

  /** Two more tries, only of what the application cannot have seen: a POST is never sent twice to an application. */
  retries: { attempts: 2, on: safeRetryConditions } satisfies Retries,
  retryBackoff: { base: 25, max: 250 },
  /** Retries may be a fifth of what is in flight, so that they cannot make an overload worse. */
  retryBudget: { percent: 20, minConcurrency: 3 },

  traffic: { timeout: 15 * second, retries: { attempts: 2, on: safeRetryConditions } } satisfies TrafficDefaults,

  limits: { maxConnections: 1_024, maxPendingRequests: 1_024, maxRequests: 4_096 },
  connection: { timeout: 5 * second, idleTimeout: hour },

  outlierDetection: {
    consecutive5xx: 5,
    consecutiveGatewayErrors: 5,
    consecutiveLocalOriginFailures: 5,
    interval: 10 * second,
    baseEjectionTime: 30 * second,
    maxEjectionPercent: 50,
  },

  telemetry: {
    accessLog: { enabled: true, format: { kind: 'json' }, filter: { minStatus: 400 }, target: { kind: 'stdout' } },
    tracing: { enabled: false },
    metrics: { prometheusOperator: true },
    objective: { successRate: 99.9 },
  } satisfies Telemetry,

  controlPlane: {
    image: 'ghcr.io/meshwright/control-plane:0.1.0',
    replicas: 2,
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
  } satisfies ControlPlane,

  /** One worker: measured enough for a sidecar, and its memory does not grow with the cores of the node. */
  proxy: {
    image: 'docker.io/envoyproxy/envoy:v1.40.0',
    resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '256Mi' } },
    concurrency: 1,
  } satisfies ProxySettings,

  gatewayReplicas: 2,
  canary: { interval: 120 * second, giveUpAfter: 600 * second, minimumRequests: 100 },
  /** Beyond the longest request, time for endpoints to be taken out everywhere. */
  drainMargin: 15 * second,
} as const;
