import { once } from 'node:events';
import { statSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BootstrapOptions, bootstrap } from '../../lib/envoy';
import { type Authority, authority } from '../support/envoy/authority';
import { Container, volumeOf } from '../support/envoy/container';
import { ListeningControlPlane } from '../support/envoy/control-plane';
import { accepting, type RunningEnvoy, startEnvoy } from '../support/envoy/process';
import { until } from '../support/wait';

/** Real Envoys on this machine, started with the very bootstrap that a pod gets, but for its paths and one port. */

let root: Authority;
let otherRoot: Authority;
beforeAll(() => {
  root = authority('root');
  otherRoot = authority('other root');
});
afterAll(() => {
  root.remove();
  otherRoot.remove();
});

/** Undone after each test, last first. */
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('a proxy without its control plane', () => {
  it('initialises, and lets its metrics be read and nothing else', async () => {
    const { envoy, options } = await started(await freePort());
    const metrics = (path: string, method = 'GET') => answer({ port: options.metricsPort }, path, method);

    // A gauge comes to be when it is first set: this one with the first attempt to connect, a moment after the listeners.
    const { status, body } = await until('the state of the link to the control plane', async () => {
      const answered = await metrics('/stats/prometheus');
      return answered.body.includes('envoy_control_plane_connected_state{} 0\n') && answered;
    });
    expect(status).toBe(200);
    // Live: it has not waited for a control plane. https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/server_info.proto
    expect(body).toContain('envoy_server_state{} 0\n');
    expect(body).toContain('envoy_server_memory_allocated{}');
    // What has never been counted too: its first event must be seen as an increase.
    expect(body).toContain('envoy_cluster_upstream_rq_retry{envoy_cluster_name="control_plane"} 0\n');
    // Not what is not on the list.
    expect(body).not.toContain('envoy_server_parent_connections');

    const refused = [
      ...[
        '/',
        '/stats',
        '/stats/prometheus/',
        '/stats/prometheus?filter=server',
        '/config_dump',
        '/ready',
        '//stats/prometheus',
      ].map((path) => metrics(path)),
      ...['POST', 'PUT', 'DELETE', 'OPTIONS'].map((method) => metrics('/stats/prometheus', method)),
      metrics('/quitquitquit', 'POST'),
    ];
    for (const answered of await Promise.all(refused)) {
      expect(answered).toEqual({ status: 404, body: 'only GET /stats/prometheus is served here\n' });
    }
    expect(await envoy.stop()).toBe(0);
  });

  it('has its admin interface and its tunnel on sockets that only its own user may open', async () => {
    const { options } = await started(await freePort());
    const { runtime } = options.paths;
    const admin = `${runtime}/admin.sock`;
    expect(await answer({ socketPath: admin }, '/ready', 'GET')).toEqual({ status: 200, body: 'LIVE\n' });
    expect([admin, `${runtime}/xds.sock`].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      '600',
      '600',
    ]);
  });
});

describe('a proxy and its control plane', () => {
  it('speak delta xDS; the proxy proves itself with its token, also after the token was replaced', async () => {
    const controlPlane = await listening(root.issue('localhost'));
    const { envoy, options, container } = await started(controlPlane.port);

    const first = await controlPlane.arrival();
    expect(first.headers).toMatchObject({
      ':path': '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
      ':authority': 'localhost',
      'content-type': 'application/grpc',
      authorization: 'Bearer first-token',
    });
    expect(first.request).toMatchObject({ node: { id: 'test', cluster: 'storefront/web' } });
    // A field that is deprecated or a limit that is not set would be warned of too.
    expect(warnings(envoy)).toEqual([
      'gRPC config: initial fetch timed out for type.googleapis.com/envoy.config.cluster.v3.Cluster',
      'gRPC config: initial fetch timed out for type.googleapis.com/envoy.config.listener.v3.Listener',
    ]);

    container.project(volumeOf(options, { token: 'second-token', trust: root.certificate }));
    expect(await tokensUntil('Bearer second-token', first, controlPlane)).toEqual([
      'Bearer first-token',
      'Bearer second-token',
    ]);
  });

  it('find each other again after the root of trust was replaced', async () => {
    const controlPlane = await listening(root.issue('localhost'));
    const { options, container } = await started(controlPlane.port);
    const first = await controlPlane.arrival();

    controlPlane.present(otherRoot.issue('localhost'));
    container.project(
      volumeOf(options, { token: 'first-token', trust: `${root.certificate}${otherRoot.certificate}` }),
    );
    first.end();
    expect((await controlPlane.arrival()).headers.authorization).toBe('Bearer first-token');
  });

  it('do not: a server that another root has certified learns no token', async () => {
    const controlPlane = await listening(otherRoot.issue('localhost'));
    const { options } = await started(controlPlane.port);
    expect(
      await metricAbove(0, 'envoy_cluster_ssl_fail_verify_error{envoy_cluster_name="control_plane"}', options),
    ).toBe(true);
    expect(controlPlane.streams).toBe(0);
  });

  it('do not: a server of another name learns no token', async () => {
    const controlPlane = await listening(root.issue('another.example'));
    const { options } = await started(controlPlane.port);
    expect(await metricAbove(0, 'envoy_cluster_ssl_fail_verify_san{envoy_cluster_name="control_plane"}', options)).toBe(
      true,
    );
    expect(controlPlane.streams).toBe(0);
  });
});

/** `[date][thread][level][component] [source] text`: the texts of what is worse than information. */
function warnings(envoy: RunningEnvoy): string[] {
  const lines = envoy.output().matchAll(/^\[.*?\]\[\d+\]\[(?:warning|error|critical)\]\[\w+\] \[.*?\] (.*)$/gm);
  return [...lines].map(([, text]) => text ?? '');
}

interface Started {
  readonly envoy: RunningEnvoy;
  readonly container: Container;
  readonly options: BootstrapOptions;
}

async function started(controlPlanePort: number): Promise<Started> {
  const container = new Container();
  undo.push(() => container.remove());
  const metricsPort = await freePort();
  const options: BootstrapOptions = {
    kind: 'sidecar',
    cluster: 'storefront/web',
    controlPlane: { host: 'localhost', port: controlPlanePort },
    paths: container.paths,
    metricsPort,
  };
  container.project(volumeOf(options, { token: 'first-token', trust: root.certificate }));
  const envoy = await startEnvoy(bootstrap(options));
  undo.push(() => envoy.stop());
  await accepting(metricsPort);
  return { envoy, container, options };
}

async function listening(certificate: { readonly cert: string; readonly key: string }) {
  const controlPlane = new ListeningControlPlane(certificate);
  await controlPlane.listen();
  undo.push(() => controlPlane.close());
  return controlPlane;
}

/**
 * The different tokens of the streams that come, from the first to the one that is wanted, each stream ended to make the next
 * come. When Envoy hears of a file that was replaced is the kernel's affair, so a stream or two may still bear the old one.
 */
async function tokensUntil(
  wanted: string,
  first: { readonly headers: { readonly authorization?: string }; readonly end: () => void },
  controlPlane: ListeningControlPlane,
): Promise<readonly (string | undefined)[]> {
  const tokens = new Set<string | undefined>();
  for (let arrival = first; ; arrival = await controlPlane.arrival()) {
    tokens.add(arrival.headers.authorization);
    if (arrival.headers.authorization === wanted) return [...tokens];
    arrival.end();
  }
}

/** Reads the metrics until one is above a value. */
async function metricAbove(value: number, series: string, options: BootstrapOptions): Promise<boolean> {
  for (;;) {
    const { body } = await answer({ port: options.metricsPort }, '/stats/prometheus', 'GET');
    const line = body.split('\n').find((one) => one.startsWith(`${series} `));
    if (line && Number(line.slice(series.length)) > value) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function answer(
  where: { readonly port?: number } | { readonly socketPath: string },
  path: string,
  method: string,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, host: '127.0.0.1', path, method }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts).toString('utf8') }));
    });
    sent.setTimeout(5_000, () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', reject).end();
  });
}

/** One that nobody listens on at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
