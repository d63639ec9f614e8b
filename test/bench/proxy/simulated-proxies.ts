import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { SimulatedProxy } from './simulated-proxy';

/**
 * A process of its own with many simulated proxies on a few connections, so that what they cost is not the control plane's.
 * It is told what to do over IPC, and answers with a {@link Tally}.
 */
export interface Simulation {
  readonly port: number;
  /** PEM of what the control plane's certificate leads to. */
  readonly trust: string;
  readonly connections: number;
  readonly proxies: readonly { readonly id: string; readonly token: string }[];
}

export type Order =
  | { readonly kind: 'begin'; readonly simulation: Simulation }
  /** Until each has all that it refers to, and, where a name is given, until that resource has come to each. */
  | { readonly kind: 'connect'; readonly until?: string }
  | { readonly kind: 'disconnect' };

/** What has come since the connection. */
export interface Tally {
  readonly milliseconds: number;
  readonly resources: number;
  readonly bytes: number;
  /** Of the resource that was waited for. */
  readonly waitedForBytes: number;
}

let simulation: Simulation | undefined;
let proxies: readonly SimulatedProxy[] = [];
let sessions: readonly ClientHttp2Session[] = [];

process.on('message', async (order: Order) => {
  switch (order.kind) {
    case 'begin':
      simulation = order.simulation;
      proxies = simulation.proxies.map(({ id, token }) => new SimulatedProxy(id, token));
      return void process.send?.(null);
    case 'connect':
      return void process.send?.(await connectAll(order.until));
    case 'disconnect':
      await disconnectAll();
      return void process.send?.(null);
  }
});
process.on('disconnect', () => process.exit());

async function connectAll(until: string | undefined): Promise<Tally> {
  if (!simulation) throw new Error('the simulation has not begun');
  const { port, trust, connections } = simulation;
  const started = performance.now();
  sessions = await Promise.all(
    Array.from({ length: connections }, async () => {
      const session = connect(`https://localhost:${port}`, { ca: trust, settings: { initialWindowSize: 1 << 20 } });
      session.on('error', () => {});
      await once(session, 'connect');
      session.setLocalWindowSize(1 << 24);
      return session;
    }),
  );
  await Promise.all(
    proxies.map((proxy, index) => {
      const done = satisfied(proxy, until);
      const session = sessions[index % sessions.length];
      if (session) proxy.connect(session);
      return done;
    }),
  );
  const milliseconds = performance.now() - started;
  const received = proxies.flatMap((proxy) => [...proxy.received]);
  const bytesOf = (entries: typeof received) => entries.reduce((sum, [, bytes]) => sum + bytes, 0);
  return {
    milliseconds,
    resources: received.length,
    bytes: bytesOf(received),
    waitedForBytes: bytesOf(received.filter(([name]) => name === until)),
  };
}

function satisfied(proxy: SimulatedProxy, until: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    proxy.lost = () => reject(new Error('the control plane has ended the stream of a simulated proxy'));
    proxy.arrived = () => {
      if (proxy.complete && (until === undefined || proxy.received.has(until))) resolve();
    };
  });
}

async function disconnectAll(): Promise<void> {
  for (const proxy of proxies) proxy.disconnect();
  await Promise.all(
    sessions.map(async (session) => {
      const closed = once(session, 'close');
      session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
      await closed;
    }),
  );
}
