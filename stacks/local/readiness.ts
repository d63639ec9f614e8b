import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { names } from '../../lib/model';

/** True as soon as something accepts connections there; false when it is no longer waited for. */
export function accepting(port: number, signal: AbortSignal): Promise<boolean> {
  return eventually(signal, () => connects(port));
}

/** True as soon as a proxy says that it is ready: on a listener that only its control plane can have given it. */
export function proxyReady(port: number, signal: AbortSignal): Promise<boolean> {
  return eventually(signal, () => answersOk(port));
}

/** Asks often at first, then four times a second. */
async function eventually(signal: AbortSignal, ask: () => Promise<boolean>): Promise<boolean> {
  for (let pause = 20; !signal.aborted; pause = Math.min(pause * 1.2, 250)) {
    if (await ask()) return !signal.aborted;
    await delay(pause, undefined, { signal }).catch(() => {});
  }
  return false;
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

function answersOk(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { port, host: '127.0.0.1', path: names.paths.readiness, agent: false, timeout: 1_000 },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
