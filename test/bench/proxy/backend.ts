import { type Bootstrap, extension } from '../../../lib/envoy';
import { accepting, startEnvoy } from '../../support/envoy/process';
import { cores, pin } from './machine';

/** Bytes of each answer. */
export const bodySize = 1_024;

/**
 * An application that costs next to nothing: an Envoy that answers by itself, a fourth of the work of the pair of proxies
 * before it, on a core that they do not use.
 */
function backend(port: number): Bootstrap {
  return {
    ...withoutStatistics,
    staticResources: {
      listeners: [
        {
          name: 'backend',
          address: loopback(port),
          filterChains: [
            {
              filters: [
                extension(
                  'envoy.filters.network.http_connection_manager',
                  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                  {
                    statPrefix: 'backend',
                    codecType: 'HTTP1',
                    generateRequestId: false,
                    routeConfig: {
                      name: 'backend',
                      virtualHosts: [
                        {
                          name: 'backend',
                          domains: ['*'],
                          routes: [
                            {
                              match: { prefix: '/' },
                              directResponse: { status: 200, body: { inlineString: 'x'.repeat(bodySize) } },
                            },
                          ],
                        },
                      ],
                    },
                    httpFilters: [bareRouter],
                  },
                ),
              ],
            },
          ],
        },
      ],
    },
  };
}

/** Runs one beside what is measured. */
export async function startBackend(port: number): Promise<{ readonly close: () => Promise<unknown> }> {
  const envoy = await startEnvoy(backend(port));
  pin(envoy.pid, cores.beside);
  await accepting(port);
  return { close: envoy.stop };
}

/** Passes requests on, counts nothing and tells nothing of itself. */
export const bareRouter = extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {
  suppressEnvoyHeaders: true,
  dynamicStats: false,
});

/** No statistic at all. */
export const withoutStatistics: Bootstrap = {
  statsConfig: { statsMatcher: { rejectAll: true } },
};

export function loopback(port: number) {
  return { socketAddress: { address: '127.0.0.1', portValue: port } };
}
