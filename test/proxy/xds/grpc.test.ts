import { Client, credentials, Metadata, Server, ServerCredentials, type UntypedHandleCall } from '@grpc/grpc-js';
import { register } from '@grpc/grpc-js-xds';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { any } from '../../../lib/envoy';
import { encodeResource, type Resource, resourceTypes } from '../../../proxy/xds';
import { Served } from '../../support/xds/served';
import { type StartedServer, startServer } from '../../support/xds/started';
import { startProxy, type Tunnelled } from '../../support/xds/tunnelled';

/**
 * A client of xDS that nobody here has written: gRPC's own. It can show no token and trusts the roots of the machine alone, so it
 * reaches the control plane as Envoy's own xDS client does: through the tunnel of the proxy beside it, a UNIX socket.
 */

const served = new Served();
let serving: StartedServer;
let proxy: Tunnelled;

beforeAll(async () => {
  const nothing = new Served();
  serving = await startServer(({ protocol }) => (protocol === 'delta' ? nothing : served));
  proxy = await startProxy(serving);
  process.env.GRPC_XDS_BOOTSTRAP_CONFIG = JSON.stringify({
    xds_servers: [
      {
        server_uri: `unix:${proxy.options.paths.runtime}/xds.sock`,
        channel_creds: [{ type: 'insecure' }],
        server_features: ['xds_v3'],
      },
    ],
    node: { id: 'grpc', cluster: 'storefront/web', locality: {} },
  });
  register();
});
afterAll(async () => {
  await proxy?.stop();
  await serving?.close();
});

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe("gRPC's own client of xDS", () => {
  it('finds a service, and follows it when its endpoints and its routes change, without a failed call', async () => {
    const [first, second, third] = [await greeter('first'), await greeter('second'), await greeter('third')];
    served.set(mesh({ to: 'one', one: [first] }));
    const client = new Client('xds:///greeter', credentials.createInsecure());
    undo.push(() => client.close());
    expect(await call(client)).toBe('first');
    expect(serving.server.streams().find(({ protocol }) => protocol === 'stateOfTheWorld')).toMatchObject({
      key: 'web',
      node: { id: 'grpc', userAgent: 'gRPC Node Pure JS' },
      types: [
        { typeUrl: resourceTypes.listener },
        { typeUrl: resourceTypes.route },
        { typeUrl: resourceTypes.cluster },
        { typeUrl: resourceTypes.endpoints },
      ],
    });

    const answers: string[] = [];
    const calls = (async () => {
      while (answers.at(-1) !== 'third') answers.push(await call(client));
    })();
    await expect.poll(() => answers.length).toBeGreaterThan(20);
    served.set(mesh({ to: 'one', one: [second] }));
    await expect.poll(() => answers).toContain('second');
    served.set(mesh({ to: 'two', two: [third] }));
    await calls;
    expect([...new Set(answers)]).toEqual(['first', 'second', 'third']);
    const settled = () => serving.server.streams().every((stream) => stream.settled);
    await expect.poll(settled).toBe(true);
    expect(served.reports.filter(({ kind }) => kind === 'refused')).toEqual([]);
  });

  it('refuses what it cannot use, keeps what it has, and says why', async () => {
    const first = await greeter('first');
    served.set(mesh({ to: 'one', one: [first] }));
    const client = new Client('xds:///greeter', credentials.createInsecure());
    undo.push(() => client.close());
    expect(await call(client)).toBe('first');
    const isRefused = () => served.reports.some(({ kind }) => kind === 'refused');
    served.set([
      ...mesh({ to: 'one', one: [first] }).filter(({ typeUrl }) => typeUrl !== resourceTypes.cluster),
      encodeResource(resourceTypes.cluster, 'one', { name: 'one', type: 'STATIC', connectTimeout: '1s' }),
    ]);
    await served.until(isRefused);
    expect(served.reports.find(({ kind }) => kind === 'refused')).toMatchObject({
      typeUrl: resourceTypes.cluster,
      reason: expect.stringContaining('Unsupported type STATIC'),
    });
    expect(await call(client)).toBe('first');
  });
});

const path = '/test.Greeter/Greet';
const same = (bytes: Buffer) => bytes;

async function greeter(name: string): Promise<number> {
  const server = new Server();
  const handler: UntypedHandleCall = (_: unknown, answer: (error: null, value: Buffer) => void) =>
    answer(null, Buffer.from(name));
  const method = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService({ greet: method }, { greet: handler });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  undo.push(() => server.forceShutdown());
  return port;
}

function call(client: Client): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + 10_000 };
    client.makeUnaryRequest(path, same, same, Buffer.alloc(0), new Metadata(), options, (error, value) =>
      error ? reject(error) : resolve(String(value)),
    );
  });
}

const ads = { ads: {}, resourceApiVersion: 'V3' } as const;

/** A service that is routed to one cluster; the clusters with the ports of their endpoints. */
function mesh({
  to,
  ...clusters
}: {
  readonly to: string;
  readonly [cluster: string]: string | readonly number[];
}): Resource[] {
  const hcm = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  const routes = [{ match: { prefix: '' }, route: { cluster: to } }];
  return [
    encodeResource(resourceTypes.listener, 'greeter', {
      name: 'greeter',
      apiListener: {
        apiListener: any(hcm, {
          statPrefix: 'greeter',
          rds: { routeConfigName: 'greeter', configSource: ads },
          httpFilters: [
            {
              name: 'envoy.filters.http.router',
              typedConfig: any('envoy.extensions.filters.http.router.v3.Router', {}),
            },
          ],
        }),
      },
    }),
    encodeResource(resourceTypes.route, 'greeter', {
      name: 'greeter',
      virtualHosts: [{ name: 'greeter', domains: ['*'], routes }],
    }),
    ...Object.entries(clusters).flatMap(([name, ports]) => [
      encodeResource(resourceTypes.cluster, name, {
        name,
        type: 'EDS',
        edsClusterConfig: { edsConfig: ads },
        connectTimeout: '1s',
      }),
      encodeResource(resourceTypes.endpoints, name, {
        clusterName: name,
        endpoints: [
          {
            locality: { region: 'here' },
            loadBalancingWeight: 1,
            lbEndpoints: [...ports].map((portValue) => ({
              endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue: Number(portValue) } } },
            })),
          },
        ],
      }),
    ]),
  ];
}
