import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cores, pin } from './machine';
import type { Order, Simulation, Tally } from './simulated-proxies';
import type { Undo } from './undo';

/** Simulated proxies in a process of their own. */
export interface Simulated {
  /** Connects all of them, and waits until each has what it is to have, and a resource that is waited for. */
  connect(until?: string): Promise<Tally>;
  disconnect(): Promise<void>;
}

export async function simulate(simulation: Simulation, undo: Undo): Promise<Simulated> {
  const child = fork(join(__dirname, 'simulated-proxies.ts'), { execArgv: ['--import', 'tsx'] });
  undo.push(async () => {
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  });
  if (child.pid !== undefined) pin(child.pid, cores.beside);
  const tell = async (order: Order): Promise<unknown> => {
    const answer = Promise.race([
      once(child, 'message').then(([message]) => message),
      once(child, 'exit').then(() => {
        throw new Error('the process of the simulated proxies has ended');
      }),
    ]);
    child.send(order);
    return answer;
  };
  await tell({ kind: 'begin', simulation });
  return {
    connect: async (until) => (await tell({ kind: 'connect', ...(until !== undefined && { until }) })) as Tally,
    disconnect: async () => void (await tell({ kind: 'disconnect' })),
  };
}
