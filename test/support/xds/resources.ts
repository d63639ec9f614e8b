import { any, type Cluster, extension, type Listener } from '../../../lib/envoy';
import { encodeResource, type Resource, resourceTypes } from '../../../proxy/xds';

const ads = { ads: {}, resourceApiVersion: 'V3' } as const;

/** Small resources that a real Envoy takes; `mark` makes another version of the same. */
export const resource = {
  cluster: (name: string, mark = 1): Resource => encodeResource(resourceTypes.cluster, name, cluster(name, mark)),

  endpoints: (name: string, ports: readonly number[]): Resource =>
    encodeResource(resourceTypes.endpoints, name, {
      clusterName: name,
      endpoints: [
        {
          lbEndpoints: ports.map((portValue) => ({
            endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue } } },
          })),
        },
      ],
    }),

  /** A listener whose routes are a resource of the same name. */
  listener: (name: string, port: number, mark = 1): Resource =>
    encodeResource(
      resourceTypes.listener,
      name,
      listener(name, port, mark, { rds: { routeConfigName: name, configSource: ads } }),
    ),

  route: (name: string, toCluster: string, mark = 1): Resource =>
    encodeResource(resourceTypes.route, name, {
      name,
      virtualHosts: [
        {
          name: `mark ${mark}`,
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, route: { cluster: toCluster } }],
        },
      ],
    }),

  /** Answers 200 to everything, when everything else has come. */
  readiness: (port: number): Resource =>
    encodeResource(
      resourceTypes.listener,
      'readiness',
      listener('readiness', port, 1, {
        routeConfig: {
          virtualHosts: [
            {
              name: 'readiness',
              domains: ['*'],
              routes: [{ match: { prefix: '/' }, directResponse: { status: 200 } }],
            },
          ],
        },
      }),
      { after: 'everything' },
    ),

  /** One that Envoy refuses, though its form is right: there is no such file. */
  refusedListener: (name: string, port: number, mark = 1): Resource =>
    encodeResource(resourceTypes.listener, name, {
      ...listener(name, port, mark, { rds: { routeConfigName: name, configSource: ads } }),
      accessLog: [
        extension('envoy.access_loggers.file', 'envoy.extensions.access_loggers.file.v3.FileAccessLog', {
          path: '/there/is/no/such/folder/log',
          logFormat: { textFormatSource: { filename: '/there/is/no/such/file' } },
        }),
      ],
    }),
};

function cluster(name: string, mark: number): Cluster {
  return {
    name,
    type: 'EDS',
    edsClusterConfig: { edsConfig: ads },
    connectTimeout: `${mark}s`,
  };
}

function listener(name: string, portValue: number, mark: number, routes: object): Listener {
  return {
    name,
    address: { socketAddress: { address: '127.0.0.1', portValue } },
    perConnectionBufferLimitBytes: 32_768 + mark,
    filterChains: [
      {
        filters: [
          extension(
            'envoy.filters.network.http_connection_manager',
            'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            {
              statPrefix: name,
              ...routes,
              httpFilters: [
                {
                  name: 'envoy.filters.http.router',
                  typedConfig: any('envoy.extensions.filters.http.router.v3.Router', {}),
                },
              ],
            },
          ),
        ],
      },
    ],
  };
}
