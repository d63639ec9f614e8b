/**
 * Requests: which rule of a route one meets and what becomes of it. The same routes serve a sidecar's own application, a gateway's
 * clients and the callers of a shared proxy.
 *
 *     outbound, gateway, shared ──▶ route ──▶ cluster
 */

export { type ConnectionRoute, connectionRoute } from './connection-routes';
export { setHeader } from './header-changes';
export { type RequestRoutes, type Requests, requestRoutes } from './request-routes';
export { patience } from './retries';
export { routeConfiguration } from './route-configuration';
export { routesOf } from './routes-of';
export { noSuchBackend } from './split';
