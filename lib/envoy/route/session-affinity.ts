import type { SessionAffinity } from '../../model';
import { any, extension } from '../any';
import { seconds } from '../seconds';
import type { HttpFilter, Route } from '../types';

const name = 'envoy.filters.http.stateful_session';

/** The filter does nothing but where a route says so. */
export const sessionFilter: HttpFilter = extension(
  name,
  'envoy.extensions.filters.http.stateful_session.v3.StatefulSession',
  {},
);

/**
 * The response tells the client, in a cookie or a header, which instance has answered; a request that says so goes there as long as
 * it is well, and anywhere else it is told anew.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/stateful_session_filter
 */
export function affinityOfRoute(affinity: SessionAffinity): NonNullable<Route['typedPerFilterConfig']> {
  return {
    [name]: any('envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute', {
      statefulSession: { sessionState: sessionState(affinity) },
    }),
  };
}

function sessionState(affinity: SessionAffinity) {
  return affinity.kind === 'header'
    ? {
        name: 'envoy.http.stateful_session.header',
        typedConfig: any('envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState', {
          name: affinity.name,
        }),
      }
    : {
        name: 'envoy.http.stateful_session.cookie',
        typedConfig: any('envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState', {
          cookie: { name: affinity.name, path: '/', ...(affinity.ttl !== undefined && { ttl: seconds(affinity.ttl) }) },
        }),
      };
}
