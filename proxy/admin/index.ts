/**
 * What people and monitoring may ask the control plane about itself.
 *
 *     GET /healthz /readyz /metrics /proxies /proxies/<namespace>/<pod>[/config] /problems
 *
 *     server (HTTP, and whatever may be wrong with a request) ──▶ pages ──▶ subject (the control plane as it is now)
 */
export { AdminServer, type AdminServerOptions } from './server';
export type { Subject } from './subject';
