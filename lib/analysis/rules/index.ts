import type { Rule } from '../rule';
import { accessRequests } from './access-requests';
import { accessSources } from './access-sources';
import { ambiguousHosts } from './ambiguous-hosts';
import { canaryGates } from './canary-gates';
import { canaryProtocol } from './canary-protocol';
import { canaryRoutes } from './canary-routes';
import { canarySteps } from './canary-steps';
import { canaryVersions } from './canary-versions';
import { canaryWithoutGates } from './canary-without-gates';
import { captureAddresses } from './capture-addresses';
import { certificateHosts } from './certificate-hosts';
import { certificates } from './certificates';
import { cors } from './cors';
import { deniedEdge } from './denied-edge';
import { deniedGateway } from './denied-gateway';
import { duplicateCanaries } from './duplicate-canaries';
import { duplicateEdges } from './duplicate-edges';
import { duplicateListeners } from './duplicate-listeners';
import { duplicateMatch } from './duplicate-match';
import { duplicateObjects } from './duplicate-objects';
import { duplicatePolicies } from './duplicate-policies';
import { duplicatePorts } from './duplicate-ports';
import { duplicateTelemetry } from './duplicate-telemetry';
import { edgeRequests } from './edge-requests';
import { edgeTimeouts } from './edge-timeouts';
import { envBindings } from './env-bindings';
import { externalAuthorization } from './external-authorization';
import { externalHosts } from './external-hosts';
import { externalTls } from './external-tls';
import { failoverOutliers } from './failover-outliers';
import { gatewayAttachments } from './gateway-attachments';
import { gatewayHosts } from './gateway-hosts';
import { headerChanges } from './header-changes';
import { hedging } from './hedging';
import { hostNetwork } from './host-network';
import { idleAccessRules } from './idle-access-rules';
import { idleListeners } from './idle-listeners';
import { impossibleMatch } from './impossible-match';
import { instances } from './instances';
import { kubernetesNames } from './kubernetes-names';
import { labels } from './labels';
import { lateStructure } from './late-structure';
import { latencyBuckets } from './latency-buckets';
import { listLengths } from './list-lengths';
import { listenerCollision } from './listener-collision';
import { listenerTls } from './listener-tls';
import { objectives } from './objectives';
import { outsidePorts } from './outside-ports';
import { podIdentity } from './pod-identity';
import { podLabels } from './pod-labels';
import { policyProtocol } from './policy-protocol';
import { portCollision } from './port-collision';
import { portNames } from './port-names';
import { portRanges } from './port-ranges';
import { regularExpressions } from './regular-expressions';
import { repeatedWrites } from './repeated-writes';
import { replicas } from './replicas';
import { reservedPorts } from './reserved-ports';
import { resourceQuantities } from './resource-quantities';
import { retriesInTime } from './retries-in-time';
import { retryAmplification } from './retry-amplification';
import { retrySettings } from './retry-settings';
import { rewrites } from './rewrites';
import { routeBehaviour } from './route-behaviour';
import { routeCallers } from './route-callers';
import { routeHosts } from './route-hosts';
import { routeProtocol } from './route-protocol';
import { routeTargets } from './route-targets';
import { selectors } from './selectors';
import { servicePorts } from './service-ports';
import { sharedIdentity } from './shared-identity';
import { sharedProxies } from './shared-proxies';
import { telemetrySettings } from './telemetry-settings';
import { timeoutsOfCallers } from './timeouts-of-callers';
import { tokens } from './tokens';
import { trafficPolicyRanges } from './traffic-policy-ranges';
import { trustDomain } from './trust-domain';
import { tryTimeout } from './try-timeout';
import { udpCall } from './udp-call';
import { uncalledServices } from './uncalled-services';
import { unknownCaller } from './unknown-caller';
import { unknownEgress } from './unknown-egress';
import { unknownPort } from './unknown-port';
import { unknownService } from './unknown-service';
import { unknownVersion } from './unknown-version';
import { weights } from './weights';
import { wildcardByEgress } from './wildcard-by-egress';
import { wildcardByNames } from './wildcard-by-names';

/**
 * Every rule, in the order of the codes. The first two digits of a code say what the mistake is about, the other two are
 * counted from 20: those below belong to what is found while a construct is read. A code is never used again.
 */
export const rules: readonly Rule[] = [
  // 01: names and ports
  lateStructure,
  kubernetesNames,
  portNames,
  trustDomain,
  portRanges,
  duplicatePorts,
  reservedPorts,
  servicePorts,
  duplicateObjects,
  sharedIdentity,
  // 02: services and versions
  unknownService,
  unknownPort,
  unknownVersion,
  udpCall,
  unknownCaller,
  instances,
  selectors,
  labels,
  captureAddresses,
  // 03: edges
  duplicateEdges,
  edgeRequests,
  portCollision,
  listenerCollision,
  envBindings,
  deniedEdge,
  wildcardByNames,
  retrySettings,
  tryTimeout,
  retriesInTime,
  timeoutsOfCallers,
  hedging,
  repeatedWrites,
  retryAmplification,
  edgeTimeouts,
  ambiguousHosts,
  // 04: routes
  routeProtocol,
  weights,
  impossibleMatch,
  regularExpressions,
  duplicateMatch,
  rewrites,
  headerChanges,
  routeBehaviour,
  cors,
  routeTargets,
  routeHosts,
  routeCallers,
  listLengths,
  // 05: policies
  trafficPolicyRanges,
  failoverOutliers,
  duplicatePolicies,
  policyProtocol,
  accessRequests,
  accessSources,
  tokens,
  externalAuthorization,
  idleAccessRules,
  outsidePorts,
  // 06: canaries
  canaryVersions,
  canarySteps,
  canaryWithoutGates,
  canaryGates,
  latencyBuckets,
  duplicateCanaries,
  canaryProtocol,
  canaryRoutes,
  // 07: gateways and external services
  gatewayHosts,
  duplicateListeners,
  listenerTls,
  gatewayAttachments,
  idleListeners,
  deniedGateway,
  externalHosts,
  externalTls,
  unknownEgress,
  sharedProxies,
  certificateHosts,
  wildcardByEgress,
  // 08: telemetry and the mesh itself
  telemetrySettings,
  objectives,
  duplicateTelemetry,
  certificates,
  replicas,
  resourceQuantities,
  // 09: pods
  hostNetwork,
  podIdentity,
  podLabels,
  uncalledServices,
];
