/**
 * What a sidecar serves to its own application: the upstreams that are declared, each where its name leads, or, where traffic is
 * captured, where it was for.
 *
 *     outbound ──▶ route ──▶ cluster
 */
export { outbound } from './outbound';
