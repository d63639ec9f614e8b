import { hostname } from 'node:os';

/** How one kind of server (HTTP, gRPC, TCP) starts and stops. */
export interface Lifecycle {
  /** Where it listens when `PORT` does not say. */
  readonly port: number;
  /** Resolves with the port it has got. */
  readonly listen: (port: number, address: string) => Promise<number>;
  /** Accepts nothing new; resolves when everything in flight is finished. */
  readonly stop: () => Promise<unknown>;
  /** Drops what is still in flight. */
  readonly cut: () => void;
}

/** What in-flight work gets to finish in; less than the 30 s that Kubernetes grants before it kills. */
const secondsToFinish = 20;

/** One running copy of a service: who it is, what it logs, how it starts and how it ends. */
export class Instance {
  readonly version = process.env.VERSION ?? 'v1';
  /** Requests answered so far, probes aside. */
  served = 0;
  stopping = false;
  private port = 0;

  constructor(readonly service: string) {}

  /** `<service>/<version>@<host>:<port>`: in a pod the host is the pod's name; on one machine the port tells copies apart. */
  get name(): string {
    return `${this.service}/${this.version}@${hostname()}:${this.port}`;
  }

  /** One line of JSON on standard output. */
  log(event: string, facts: { readonly [name: string]: unknown } = {}): void {
    console.log(JSON.stringify({ time: new Date().toISOString(), event, instance: this.name, ...facts }));
  }

  async run(lifecycle: Lifecycle): Promise<void> {
    try {
      this.port = await lifecycle.listen(portFrom(process.env.PORT, lifecycle.port), process.env.ADDRESS ?? '0.0.0.0');
    } catch (error) {
      console.error(`${this.service} cannot start: ${error instanceof Error ? error.message : error}`);
      process.exit(1);
    }
    this.log('listening', { port: this.port });
    // A terminal and a parent process may both pass the same signal on: the second one changes nothing.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.stop(signal, lifecycle));
  }

  private async stop(signal: string, { stop, cut }: Lifecycle): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const finished = stop();
    this.log('stopping', { signal });
    setTimeout(() => {
      this.log('cutting', { after: `${secondsToFinish} s` });
      cut();
    }, secondsToFinish * 1000);
    await finished;
    this.log('stopped', { served: this.served });
    process.exit(0);
  }
}

function portFrom(given: string | undefined, standard: number): number {
  const port = given === undefined ? standard : Number(given);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new Error(`PORT is "${given}"; allowed are whole numbers from 0 (any free port) to 65535`);
}
