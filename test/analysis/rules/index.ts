import type { Cases } from '../cases';
import { cases as accessRequests } from './access-requests';
import { cases as accessSources } from './access-sources';
import { cases as ambiguousHosts } from './ambiguous-hosts';
import { cases as canaryGates } from './canary-gates';
import { cases as canaryProtocol } from './canary-protocol';
import { cases as canaryRoutes } from './canary-routes';
import { cases as canarySteps } from './canary-steps';
import { cases as canaryVersions } from './canary-versions';
import { cases as canaryWithoutGates } from './canary-without-gates';
import { cases as captureAddresses } from './capture-addresses';
import { cases as certificateHosts } from './certificate-hosts';
import { cases as certificates } from './certificates';
import { cases as cors } from './cors';
import { cases as deniedEdge } from './denied-edge';
import { cases as deniedGateway } from './denied-gateway';
import { cases as duplicateCanaries } from './duplicate-canaries';
import { cases as duplicateEdges } from './duplicate-edges';
import { cases as duplicateListeners } from './duplicate-listeners';
import { cases as duplicateMatch } from './duplicate-match';
import { cases as duplicateObjects } from './duplicate-objects';
import { cases as duplicatePolicies } from './duplicate-policies';
import { cases as duplicatePorts } from './duplicate-ports';
import { cases as duplicateTelemetry } from './duplicate-telemetry';
import { cases as edgeRequests } from './edge-requests';
import { cases as edgeTimeouts } from './edge-timeouts';
import { cases as envBindings } from './env-bindings';
import { cases as externalAuthorization } from './external-authorization';
import { cases as externalHosts } from './external-hosts';
import { cases as externalTls } from './external-tls';
import { cases as failoverOutliers } from './failover-outliers';
import { cases as gatewayAttachments } from './gateway-attachments';
import { cases as gatewayHosts } from './gateway-hosts';
import { cases as headerChanges } from './header-changes';
import { cases as hedging } from './hedging';
import { cases as hostNetwork } from './host-network';
import { cases as idleAccessRules } from './idle-access-rules';
import { cases as idleListeners } from './idle-listeners';
import { cases as impossibleMatch } from './impossible-match';
import { cases as instances } from './instances';
import { cases as kubernetesNames } from './kubernetes-names';
import { cases as labels } from './labels';
import { cases as lateStructure } from './late-structure';
import { cases as latencyBuckets } from './latency-buckets';
import { cases as listLengths } from './list-lengths';
import { cases as listenerCollision } from './listener-collision';
import { cases as listenerTls } from './listener-tls';
import { cases as objectives } from './objectives';
import { cases as outsidePorts } from './outside-ports';
import { cases as podIdentity } from './pod-identity';
import { cases as podLabels } from './pod-labels';
import { cases as policyProtocol } from './policy-protocol';
import { cases as portCollision } from './port-collision';
import { cases as portNames } from './port-names';
import { cases as portRanges } from './port-ranges';
import { cases as regularExpressions } from './regular-expressions';
import { cases as repeatedWrites } from './repeated-writes';
import { cases as replicas } from './replicas';
import { cases as reservedPorts } from './reserved-ports';
import { cases as resourceQuantities } from './resource-quantities';
import { cases as retriesInTime } from './retries-in-time';
import { cases as retryAmplification } from './retry-amplification';
import { cases as retrySettings } from './retry-settings';
import { cases as rewrites } from './rewrites';
import { cases as routeBehaviour } from './route-behaviour';
import { cases as routeCallers } from './route-callers';
import { cases as routeHosts } from './route-hosts';
import { cases as routeProtocol } from './route-protocol';
import { cases as routeTargets } from './route-targets';
import { cases as selectors } from './selectors';
import { cases as servicePorts } from './service-ports';
import { cases as sharedIdentity } from './shared-identity';
import { cases as sharedProxies } from './shared-proxies';
import { cases as telemetrySettings } from './telemetry-settings';
import { cases as timeoutsOfCallers } from './timeouts-of-callers';
import { cases as tokens } from './tokens';
import { cases as trafficPolicyRanges } from './traffic-policy-ranges';
import { cases as trustDomain } from './trust-domain';
import { cases as tryTimeout } from './try-timeout';
import { cases as udpCall } from './udp-call';
import { cases as uncalledServices } from './uncalled-services';
import { cases as unknownCaller } from './unknown-caller';
import { cases as unknownEgress } from './unknown-egress';
import { cases as unknownPort } from './unknown-port';
import { cases as unknownService } from './unknown-service';
import { cases as unknownVersion } from './unknown-version';
import { cases as weights } from './weights';
import { cases as wildcardByEgress } from './wildcard-by-egress';
import { cases as wildcardByNames } from './wildcard-by-names';

/** The cases of every rule, by the name of its file. */
export const cases: { readonly [file: string]: Cases } = {
  'access-requests': accessRequests,
  'access-sources': accessSources,
  'ambiguous-hosts': ambiguousHosts,
  'canary-gates': canaryGates,
  'canary-protocol': canaryProtocol,
  'canary-routes': canaryRoutes,
  'canary-steps': canarySteps,
  'canary-versions': canaryVersions,
  'canary-without-gates': canaryWithoutGates,
  'capture-addresses': captureAddresses,
  certificates,
  cors,
  'denied-edge': deniedEdge,
  'denied-gateway': deniedGateway,
  'duplicate-canaries': duplicateCanaries,
  'duplicate-edges': duplicateEdges,
  'duplicate-listeners': duplicateListeners,
  'duplicate-match': duplicateMatch,
  'duplicate-objects': duplicateObjects,
  'duplicate-policies': duplicatePolicies,
  'duplicate-ports': duplicatePorts,
  'duplicate-telemetry': duplicateTelemetry,
  'edge-requests': edgeRequests,
  'edge-timeouts': edgeTimeouts,
  'env-bindings': envBindings,
  'external-authorization': externalAuthorization,
  'external-hosts': externalHosts,
  'external-tls': externalTls,
  'failover-outliers': failoverOutliers,
  'gateway-attachments': gatewayAttachments,
  'gateway-hosts': gatewayHosts,
  'header-changes': headerChanges,
  hedging,
  'host-network': hostNetwork,
  'idle-access-rules': idleAccessRules,
  'idle-listeners': idleListeners,
  'impossible-match': impossibleMatch,
  instances,
  'kubernetes-names': kubernetesNames,
  labels,
  'late-structure': lateStructure,
  'latency-buckets': latencyBuckets,
  'listener-collision': listenerCollision,
  'listener-tls': listenerTls,
  objectives,
  'outside-ports': outsidePorts,
  'pod-identity': podIdentity,
  'pod-labels': podLabels,
  'policy-protocol': policyProtocol,
  'port-collision': portCollision,
  'port-names': portNames,
  'port-ranges': portRanges,
  'regular-expressions': regularExpressions,
  'repeated-writes': repeatedWrites,
  replicas,
  'reserved-ports': reservedPorts,
  'resource-quantities': resourceQuantities,
  'retries-in-time': retriesInTime,
  'retry-amplification': retryAmplification,
  'retry-settings': retrySettings,
  rewrites,
  'route-behaviour': routeBehaviour,
  'route-callers': routeCallers,
  'list-lengths': listLengths,
  'route-hosts': routeHosts,
  'route-protocol': routeProtocol,
  'route-targets': routeTargets,
  selectors,
  'service-ports': servicePorts,
  'shared-identity': sharedIdentity,
  'shared-proxies': sharedProxies,
  'certificate-hosts': certificateHosts,
  'telemetry-settings': telemetrySettings,
  'timeouts-of-callers': timeoutsOfCallers,
  tokens,
  'traffic-policy-ranges': trafficPolicyRanges,
  'trust-domain': trustDomain,
  'try-timeout': tryTimeout,
  'udp-call': udpCall,
  'uncalled-services': uncalledServices,
  'unknown-caller': unknownCaller,
  'unknown-egress': unknownEgress,
  'unknown-port': unknownPort,
  'unknown-service': unknownService,
  'unknown-version': unknownVersion,
  weights,
  'wildcard-by-egress': wildcardByEgress,
  'wildcard-by-names': wildcardByNames,
};
