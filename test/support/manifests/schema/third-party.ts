import { readFileSync } from 'node:fs';
import { tool } from '../fetched';
import type { Crd } from '../openapi';

/**
 * CRDs of others whose objects we write when asked: PrometheusRule, ServiceMonitor and PodMonitor of Prometheus Operator;
 * Certificate, Issuer and ClusterIssuer of cert-manager. They are the published ones; `.ci/prepare.mjs test` fetches them.
 */
export function thirdPartyCrds(): readonly Crd[] {
  known ??= JSON.parse(readFileSync(tool<{ path: string }>('thirdPartyCrds').path, 'utf8')) as Crd[];
  return known;
}

let known: readonly Crd[] | undefined;
