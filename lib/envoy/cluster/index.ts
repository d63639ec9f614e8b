/**
 * Where a proxy sends what it sends: services and versions of the mesh, hosts outside, the application beside it. One cluster for
 * each service, version and port, whatever leads there.
 *
 *     route, outbound, gateway, inbound, shared, egress ──▶ cluster ──▶ tls
 */
export { applicationCluster } from './application';
export { clustersOf, type Target } from './clusters';
export { dnsCacheConfig, egressOf, externalCluster } from './external';
export { loadAssignment } from './load-assignment';
export { isPermissive, type ServiceTarget, servedAs, serviceCluster, serviceClusterName } from './service';
export { trafficPolicyOf } from './traffic-policy';
