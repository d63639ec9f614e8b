import type { Bootstrap } from '../../../lib/envoy';
import { freePort } from '../../behaviour/harness/ports';
import { type Authority, authority } from '../../support/envoy/authority';
import { accepting, startEnvoy } from '../../support/envoy/process';
import { bodySize, startBackend } from './backend';
import { type Certified, clientByHand, type Manner, plainByHand, serverByHand } from './by-hand';
import { canLoad, type Load, load } from './load';
import { cores, pin, pinning, processorTime } from './machine';

import { heading, judge, median, milliseconds, note, ratio, table, whole } from './report';
import { sidecarPairs } from './sidecar-pair';
import type { Undo } from './undo';

/** What carries requests, and the processes of which the work is counted. */
export interface Subject {
  readonly url: string;
  /** @default - that of the URL */
  readonly host?: string;
  readonly proxies: readonly number[];
}

/** One burst of requests at one subject. */
interface Burst extends Load {
  /** Microseconds that the proxies ran for each request. */
  readonly work: number;
}

const connections = [16, 64];

/**
 * Of each kind so many, asked in turn: two processes of one and the same configuration differ by as much as a tenth, because
 * of where their memory happens to lie, so one of each would compare that.
 */
const instances = 2;

/** Two sidecars beside two Envoys that do nothing but mutual TLS, one Envoy, and none. */
export async function benchRequests(quick: boolean, undo: Undo): Promise<void> {
  heading(
    'requests',
    `HTTP/1.1 requests with answers of ${bodySize} bytes, one worker a proxy; ${pinning()}.
two sidecars: as the control plane configures them; by hand: two Envoys told to do mutual TLS and nothing else, the rest as
Envoy has it; bare: the same without statistics, request ids and headers of Envoy's own, the least that can be had.`,
  );
  if (!canLoad()) return note('skipped: there is no wrk; `apt-get install wrk` brings it');
  const subjects = await prepare(undo);
  for (const subject of Object.values(subjects).flat()) await load(subject, 64, 1);

  for (const count of quick ? connections.slice(0, 1) : connections) {
    const bursts = { direct: [], one: [], bare: [], byHand: [], ours: [] } as Record<keyof Subjects, Burst[]>;
    for (let round = 0; round < (quick ? 2 : 6) * instances; round++) {
      for (const of of order(round)) {
        const subject = subjects[of][round % subjects[of].length];
        if (subject) bursts[of].push(await burst(subject, count, 1));
      }
    }
    show(count, bursts);
  }
}

type Subjects = Record<'direct' | 'one' | 'bare' | 'byHand' | 'ours', readonly Subject[]>;

/** A, B, B, A: neither is always the first. Those that only give the scale are asked less often. */
function order(round: number): readonly (keyof Subjects)[] {
  const pair = round % 2 === 0 ? (['byHand', 'ours'] as const) : (['ours', 'byHand'] as const);
  return round % 4 === 0 ? ['direct', 'one', 'bare', ...pair] : pair;
}

async function burst(subject: Subject, connections: number, seconds: number): Promise<Burst> {
  const { proxies } = subject;
  const ran = () => proxies.reduce((sum, pid) => sum + (processorTime(pid) ?? Number.NaN), 0);
  const before = ran();
  const loaded = await load(subject, connections, seconds);
  return { ...loaded, work: (ran() - before) / 1_000 / loaded.requests };
}

function show(connections: number, bursts: Record<keyof Subjects, Burst[]>): void {
  const direct = median(bursts.direct.map(({ perSecond }) => perSecond));
  const keys = Object.keys(bursts) as (keyof Subjects)[];
  table([
    [`${connections} connections`, 'of direct', 'requests/s', 'p50', 'p99', 'work of the proxies', 'failed'],
    ...keys.map((key) => {
      const of = (field: keyof Burst) => median(bursts[key].map((one) => one[field]));
      return [
        titles[key],
        ratio(of('perSecond') / direct),
        whole(of('perSecond')),
        milliseconds(of('p50')),
        milliseconds(of('p99')),
        key === 'direct' ? '' : `${of('work').toFixed(1)} µs`,
        whole(bursts[key].reduce((sum, { failed }) => sum + failed, 0)),
      ];
    }),
  ]);
  const beside = (field: keyof Burst) =>
    median(bursts.ours.map((one, i) => one[field] / (bursts.byHand[i]?.[field] ?? 0)));
  const bare = median(bursts.bare.map(({ work }) => work));
  note(`beside by hand: work ${ratio(beside('work'))}x, p50 ${ratio(beside('p50'))}x, p99 ${ratio(beside('p99'))}x`);
  note(`beside bare: work ${ratio(median(bursts.ours.map(({ work }) => work)) / bare)}x`);
  const throughput = beside('perSecond');
  judge(
    `throughput of two sidecars beside by hand, ${connections} connections`,
    `${ratio(throughput)}x`,
    '0.97x or better',
    throughput >= 0.97,
  );
}

const titles: Record<keyof Subjects, string> = {
  direct: 'direct',
  one: 'one Envoy',
  bare: 'two Envoys, bare',
  byHand: 'two Envoys by hand',
  ours: 'two sidecars',
};

async function prepare(undo: Undo): Promise<Subjects> {
  const application = await freePort();
  const served = await startBackend(application);
  undo.push(served.close);
  const root = authority('bench');
  undo.push(() => root.remove());
  const pairs = async (manner: Manner) => {
    const made: Subject[] = [];
    while (made.length < instances) made.push(await pairByHand(manner, application, root, undo));
    return made;
  };
  const port = await freePort();
  const one = await start(plainByHand(port, application), port, undo);
  return {
    direct: [{ url: urlOf(application), proxies: [] }],
    one: [{ url: urlOf(port), proxies: [one] }],
    bare: await pairs('bare'),
    byHand: await pairs('plain'),
    ours: await sidecarPairs(instances, undo),
  };
}

async function pairByHand(manner: Manner, application: number, root: Authority, undo: Undo): Promise<Subject> {
  const ids = {
    client: 'spiffe://bench.example/ns/bench/sa/client',
    server: 'spiffe://bench.example/ns/bench/sa/server',
  };
  const certified = (own: string, peer: string): Certified => {
    const { cert, key } = root.identify(own);
    return { certificate: cert, key, trust: root.certificate, peer };
  };
  const serverPort = await freePort();
  const server = serverByHand(manner, serverPort, application, certified(ids.server, ids.client));
  const clientPort = await freePort();
  const client = clientByHand(manner, clientPort, serverPort, certified(ids.client, ids.server));
  const proxies = [await start(server, serverPort, undo), await start(client, clientPort, undo)];
  return { url: urlOf(clientPort), proxies };
}

async function start(bootstrap: Bootstrap, port: number, undo: Undo): Promise<number> {
  const envoy = await startEnvoy(bootstrap);
  undo.push(envoy.stop);
  pin(envoy.pid, cores.measured);
  await accepting(port);
  return envoy.pid;
}

const urlOf = (port: number) => `http://127.0.0.1:${port}/`;
