import { any } from '../any';
import { overAds } from '../tls/secret-source';
import type { HttpFilter, Messages, TypedExtensionConfig } from '../types';

/** A filter whose configuration comes by itself (ECDS). */
export interface DiscoveredFilter {
  /** What stands in the connection manager. */
  readonly filter: HttpFilter;
  readonly resource: TypedExtensionConfig;
}

/**
 * A filter that is always there, so that what it does can change without a connection being touched, and holds for connections that are
 * open already. A connection keeps the filters with which it began for as long as it drains.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/overview/extension
 *
 * @param filter name of the filter, which says its place among others
 * @param listener whose it is
 * @param configuration of the type. Absent: it does nothing
 */
export function discoveredFilter(
  filter: string,
  listener: string,
  type: keyof Messages,
  configuration: TypedExtensionConfig['typedConfig'],
): DiscoveredFilter {
  const name = `${filter}/${listener}`;
  return {
    filter: {
      name,
      configDiscovery: { configSource: overAds, typeUrls: [type, inert].map((one) => `type.googleapis.com/${one}`) },
    },
    resource: { name, typedConfig: configuration ?? any(inert, {}) },
  };
}

/** Access control without rules does nothing. */
const inert = 'envoy.extensions.filters.http.rbac.v3.RBAC';
