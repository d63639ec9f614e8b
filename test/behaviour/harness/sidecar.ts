import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type BootstrapOptions, bootstrap } from '../../../lib/envoy';
import { Container, volumeOf } from '../../support/envoy/container';
import { startEnvoy } from '../../support/envoy/process';
import { freePort } from './ports';

/** A real Envoy with the very bootstrap that a pod gets, but for its paths and ports. */
export interface ProxyProcess {
  readonly pid: number;
  /** Port of 127.0.0.1 where its metrics are read. */
  readonly metricsPort: number;
  /** Path of the socket of its admin interface. */
  readonly adminSocket: string;
  /** Counters and gauges whose names match. */
  statistics(filter: RegExp): Promise<ReadonlyMap<string, number>>;
  /** Answer of its admin interface. */
  admin(path: string, method?: 'GET' | 'POST'): Promise<string>;
  /** Lines of its access log so far that are JSON. */
  accessLog(): readonly { readonly [field: string]: unknown }[];
  /** All that it has written so far. */
  output(): string;
  /** Puts other root certificates (PEM) in the place of those by which it knows its control plane, as the kubelet does. */
  trust(certificates: string): void;
  stop(): Promise<void>;
  /** Ends it at once, as the kernel does that has no memory left. */
  kill(): Promise<void>;
}

export interface ProxyOptions extends Pick<BootstrapOptions, 'kind' | 'cluster' | 'controlPlane'> {
  readonly token: string;
  /** PEM. */
  readonly trust: string;
  /** How long a listener that has changed serves the connections that it had, in seconds. @default Envoy's, ten minutes */
  readonly drain?: number;
}

export async function startProxy({
  kind,
  cluster,
  controlPlane,
  token,
  trust,
  drain,
}: ProxyOptions): Promise<ProxyProcess> {
  const container = new Container();
  try {
    const metricsPort = await freePort();
    const options: BootstrapOptions = { kind, cluster, controlPlane, paths: container.paths, metricsPort };
    container.project(volumeOf(options, { token, trust }));
    // Lines of a log are written when they are many, or when this time has passed: ten seconds, if nothing is said.
    const more = [
      '--file-flush-interval-msec',
      '50',
      ...(drain === undefined ? [] : ['--drain-time-s', String(drain)]),
    ];
    const envoy = await withPatience(() => startEnvoy(bootstrap(options), more));
    const socketPath = `${container.paths.runtime}/admin.sock`;
    return {
      pid: envoy.pid,
      metricsPort,
      adminSocket: socketPath,
      statistics: async (filter) =>
        statisticsIn(await ask(socketPath, `/stats?filter=${encodeURIComponent(filter.source)}`)),
      admin: (path, method = 'GET') => ask(socketPath, path, method),
      accessLog: () => jsonLines(envoy.output()),
      output: envoy.output,
      trust: (certificates) => container.project(volumeOf(options, { token, trust: certificates })),
      stop: async () => {
        await envoy.stop();
        container.remove();
      },
      kill: async () => {
        await envoy.kill();
        container.remove();
      },
    };
  } catch (error) {
    container.remove();
    throw error;
  }
}

function ask(socketPath: string, path: string, method = 'GET'): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    });
    sent.setTimeout(5_000, () => sent.destroy(new Error(`no answer to ${path}`)));
    sent.on('error', reject).end();
  });
}

/** `name: 1` each; histograms, which are no number, are left out. */
function statisticsIn(text: string): ReadonlyMap<string, number> {
  const found = text.matchAll(/^(.+): (\d+)$/gm);
  return new Map([...found].map(([, name = '', value]) => [name, Number(value)]));
}

function jsonLines(output: string): { readonly [field: string]: unknown }[] {
  return output.split('\n').flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []));
}

/**
 * Envoy takes four of the instances of inotify that a user may have, 128 where nobody has said otherwise. While other tests have them,
 * it cannot start.
 */
async function withPatience<T>(start: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + 30_000; ; ) {
    try {
      return await start();
    } catch (error) {
      if (!String(error).includes('inotify_fd_ >= 0') || performance.now() > end) throw error;
      await delay(500);
    }
  }
}
