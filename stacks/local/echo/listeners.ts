import type { ApplicationPort } from '../pods';

/** A port at which the echo server stands in for a service. */
export interface EchoListener {
  /** `storefront/web`. */
  readonly service: string;
  readonly version?: string;
  /** Where it listens, on 127.0.0.1. */
  readonly at: number;
  readonly protocol: ApplicationPort['protocol'];
}

/** What the server is told: one line of JSON, all that there is. */
export const EchoListeners = {
  write: (listeners: readonly EchoListener[]): string => `${JSON.stringify(listeners)}\n`,
  read: (line: string): readonly EchoListener[] => JSON.parse(line) as readonly EchoListener[],
};
