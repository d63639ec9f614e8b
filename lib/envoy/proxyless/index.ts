/**
 * Applications that are clients of xDS themselves, as every gRPC library can be: the same declarations in as much of Envoy's API as
 * those know. What they call comes to the proxy of the callee as calls of a sidecar do.
 *
 *     proxyless ──▶ outbound ──▶ route, cluster
 */
export { proxyless } from './proxyless';
