import { names } from '../../model';
import { extension } from '../any';
import type { Address, Cluster, Listener, Route } from '../types';
import { onlyItself } from './control-plane-link';
import type { BootstrapOptions } from './options';

/**
 * Lets Prometheus read the statistics and nobody do anything else: the admin interface, which can stop the proxy and shows
 * its whole configuration, is on a UNIX socket, and this listener passes on one request of all that it answers.
 */
export function metricsListener(options: BootstrapOptions): Listener {
  return {
    name: 'metrics',
    address: {
      socketAddress: {
        address: options.metricsAddress ?? '0.0.0.0',
        portValue: options.metricsPort ?? names.ports.metrics,
      },
    },
    // An overload is when metrics are wanted most.
    ignoreGlobalConnLimit: true,
    bypassOverloadManager: true,
    filterChains: [
      {
        filters: [
          extension(
            'envoy.filters.network.http_connection_manager',
            'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            {
              statPrefix: 'metrics',
              generateRequestId: false,
              routeConfig: {
                name: 'metrics',
                virtualHosts: [{ name: 'metrics', domains: ['*'], routes: [statistics, notFound] }],
              },
              httpFilters: [
                extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {}),
              ],
            },
          ),
        ],
      },
    ],
  };
}

const adminClusterName = 'admin';

const statistics: Route = {
  match: {
    path: names.paths.metrics,
    headers: [
      { name: ':method', stringMatch: { exact: 'GET' } },
      // As a header the path has its query, with which the admin interface would do other work.
      { name: ':path', stringMatch: { exact: names.paths.metrics } },
    ],
  },
  // Zeros too: a counter that first appears above zero hides its first events from `rate()`.
  route: { cluster: adminClusterName, prefixRewrite: names.paths.metrics },
};

const notFound: Route = {
  match: { prefix: '/' },
  directResponse: { status: 404, body: { inlineString: `only GET ${names.paths.metrics} is served here\n` } },
};

export function adminCluster(options: BootstrapOptions): Cluster {
  return {
    name: adminClusterName,
    connectTimeout: '1s',
    loadAssignment: {
      clusterName: adminClusterName,
      endpoints: [{ lbEndpoints: [{ endpoint: { address: adminSocket(options) } }] }],
    },
  };
}

export function adminSocket(options: BootstrapOptions): Address {
  return { pipe: { path: `${options.paths.runtime}/admin.sock`, mode: onlyItself } };
}
