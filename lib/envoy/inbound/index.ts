/**
 * What a sidecar serves to callers of its application.
 *
 *     inbound ──▶ access (who may), limits (how often), tls ──▶ the application
 */
export { inbound } from './inbound';
export { listenerOf } from './listener';
export { type Served, type ServedPort, servedPort } from './served-port';
