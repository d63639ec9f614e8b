/**
 * A proxy in front of a group of services, for callers without sidecars.
 *
 *     shared ──▶ inbound (access, limits, tls), route ──▶ cluster (the instances behind it)
 */
export { sharedProxy } from './shared-proxy';
