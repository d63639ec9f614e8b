import { describe, expect, it } from 'vitest';
import { any, type Configuration, emptyConfiguration, extension, type Listener } from '../../lib/envoy';
import { validateConfiguration, validateConfigurations } from '../support/envoy/validated';

const ads = { ads: {}, resourceApiVersion: 'V3' } as const;
const rbac = 'envoy.extensions.filters.http.rbac.v3.RBAC';

/** Everything that is not in the listener itself: routes, a filter, endpoints and a secret. */
const listener: Listener = {
  name: 'inbound|8080',
  address: { socketAddress: { address: '0.0.0.0', portValue: 15_100 } },
  filterChains: [
    {
      filters: [
        extension('hcm', 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
          statPrefix: 'inbound|8080',
          rds: { routeConfigName: 'inbound|8080', configSource: ads },
          httpFilters: [
            {
              name: 'access',
              configDiscovery: { configSource: ads, typeUrls: [`type.googleapis.com/${rbac}`] },
            },
            extension('router', 'envoy.extensions.filters.http.router.v3.Router', {}),
          ],
        }),
      ],
      transportSocket: extension('tls', 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
        commonTlsContext: { tlsCertificateSdsSecretConfigs: [{ name: 'identity', sdsConfig: ads }] },
      }),
    },
  ],
};

const whole: Configuration = {
  ...emptyConfiguration,
  listeners: [listener],
  routes: [
    {
      name: 'inbound|8080',
      virtualHosts: [
        { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'inbound|8080' } }] },
      ],
    },
  ],
  clusters: [{ name: 'inbound|8080', type: 'EDS', edsClusterConfig: { edsConfig: ads } }],
  extensions: [{ name: 'access', typedConfig: any(rbac, { rules: { action: 'ALLOW' } }) }],
};

describe('validation by Envoy', () => {
  it('accepts what is whole, many in one run, each with listeners of the same address', async () => {
    expect(
      await validateConfigurations([whole, whole, emptyConfiguration].map((configuration) => ({ configuration }))),
    ).toEqual([[], [], []]);
  });

  it('finds what the descriptors forbid, with the name of the resource', async () => {
    const long = { ...whole, clusters: [{ name: '', type: 'EDS' } as const] };
    expect(await validateConfiguration(long)).toEqual([expect.stringMatching(/^cluster : name: must have at least 1/)]);
    const unknown = { ...whole, clusters: [{ name: 'a', nonsense: true } as object] };
    expect(await validateConfiguration(unknown)).toEqual([expect.stringMatching(/^cluster a: .*nonsense/)]);
  });

  it('finds what only Envoy knows, in the configuration that has it: in routes, filters and endpoints', async () => {
    const noRouter = JSON.parse(JSON.stringify(whole).replace(/,\{"name":"router".*?Router"\}\}/, '')) as Configuration;
    const unknownCluster = { ...whole, clusters: [] };
    const notAnAddress = {
      configuration: whole,
      loadAssignments: [
        {
          clusterName: 'inbound|8080',
          endpoints: [
            { lbEndpoints: [{ endpoint: { address: { socketAddress: { address: 'no address', portValue: 1 } } } }] },
          ],
        },
      ],
    };
    const badFilter = {
      ...whole,
      extensions: [{ name: 'access', typedConfig: any('envoy.extensions.filters.http.router.v3.Router', {}) }],
    };
    const [fine, first, second, third, fourth] = await validateConfigurations([
      { configuration: whole },
      { configuration: noRouter },
      { configuration: unknownCluster },
      notAnAddress,
      { configuration: badFilter },
    ]);
    expect(fine).toEqual([]);
    expect(first?.join()).toContain('terminal');
    expect(second?.join()).toContain("unknown cluster 'inbound|8080'");
    expect(third?.join()).toContain('malformed IP address: no address');
    expect(fourth?.join()).toContain('terminal');
  });
});
