/**
 * Everything of Kubernetes that runs or admits traffic: the sidecar in the pods of the mesh, proxies that stand by
 * themselves, the control plane and what it may do, namespaces, network policies, what collects metrics, and the order in
 * which all of it is given to a cluster. What is declared (Services, edges, routes) is written next door.
 *
 *     model ──▶ inject ─────────▶ the pods' templates ─┐
 *           ──▶ controlPlane, proxyObjects, … ─────────┴─▶ applyOrder ──▶ stacks
 */
export * from './bootstrap-config';
export * from './capture';
export * from './control-plane';
export { edgeVariables } from './edge-env';
export * from './inject';
export * from './namespaces';
export * from './network-policies';
export * from './nftables';
export * from './observability';
export * from './order';
export * from './pod-facts';
export * from './proxies';
export * from './proxy-container';
export * from './workload';
