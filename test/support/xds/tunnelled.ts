import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type BootstrapOptions, bootstrap } from '../../../lib/envoy';
import { Container, volumeOf } from '../envoy/container';
import { type RunningEnvoy, startEnvoy } from '../envoy/process';
import type { StartedServer } from './started';

export interface Tunnelled {
  readonly envoy: RunningEnvoy;
  readonly options: BootstrapOptions;
  readonly stop: () => Promise<void>;
}

/** A real Envoy with the bootstrap of a pod, which shows the token of the client `web`. */
export async function startProxy({ server, root }: Pick<StartedServer, 'server' | 'root'>): Promise<Tunnelled> {
  const container = new Container();
  const options: BootstrapOptions = {
    kind: 'sidecar',
    cluster: 'storefront/web',
    controlPlane: { host: 'localhost', port: server.port },
    paths: container.paths,
    metricsPort: await freePort(),
  };
  container.project(volumeOf(options, { token: 'token-web', trust: root.certificate }));
  const envoy = await startEnvoy(bootstrap(options));
  const stop = async () => {
    await envoy.stop();
    container.remove();
  };
  return { envoy, options, stop };
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
