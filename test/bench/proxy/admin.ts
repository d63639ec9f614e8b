import { request } from 'node:http';

/** What an Envoy's admin interface answers, over its socket. https://www.envoyproxy.io/docs/envoy/v1.40.0/operations/admin */
export function admin(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString()));
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end();
  });
}

export interface Memory {
  /** Bytes that are in use. */
  readonly allocated: number;
  /** Bytes that the allocator has taken from the system. */
  readonly heap: number;
}

export async function memory(socketPath: string): Promise<Memory> {
  const { allocated, heap_size } = JSON.parse(await admin(socketPath, '/memory'));
  return { allocated: Number(allocated), heap: Number(heap_size) };
}

/** Every statistic that exists, whether anything was counted or not. */
export async function statisticNames(socketPath: string): Promise<readonly string[]> {
  const text = await admin(socketPath, '/stats');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(0, line.indexOf(':')));
}
