import { Identity } from '../lib/model';
import type { Clock } from './clock';
import { type Authenticated, Refusal } from './identity';
import type { Attachment, Differences, Snapshots, Waiting } from './snapshot';
import { podKey } from './sources/source';

export interface AdmissionOptions {
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  /** How long a proxy waits before it is refused, in milliseconds. */
  readonly patience: number;
}

/** A proxy that has proven itself and of which not enough is known yet. */
export interface WaitingProxy extends Waiting {
  readonly pod: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/**
 * Lets proxies wait until it is known what they are of: a pod may connect before the source has seen it, and all may when the control
 * plane starts. To say "nothing" to them would take away what they have.
 */
export class Admission {
  private readonly queue = new Set<Queued>();

  constructor(private readonly options: AdmissionOptions) {}

  /**
   * @param changed as of {@link Snapshots.attach}
   * @throws Refusal after {@link AdmissionOptions.patience}, with what it has waited for
   */
  admit(authenticated: Authenticated, changed: (differences: Differences) => void): Promise<Attachment> {
    const { clock, patience } = this.options;
    const outcome = this.attach(authenticated, changed);
    if (!('waitsFor' in outcome)) return Promise.resolve(outcome);
    return new Promise((resolve, reject) => {
      const queued: Queued = {
        since: clock.now(),
        pod: podKey(authenticated.pod),
        waitsFor: outcome.waitsFor,
        retry: () => {
          const next = this.attach(authenticated, changed);
          if ('waitsFor' in next) queued.waitsFor = next.waitsFor;
          else {
            this.leave(queued);
            resolve(next);
          }
        },
        refuse: (reason) => {
          this.leave(queued);
          reject(new Refusal(reason));
        },
        timer: clock.schedule(patience, () => {
          queued.refuse(`has waited ${patience} ms for ${queued.waitsFor}`);
        }),
      };
      this.queue.add(queued);
    });
  }

  /** Something has changed that some may have waited for. */
  retry(): void {
    for (const queued of [...this.queue]) queued.retry();
  }

  waiting(): readonly WaitingProxy[] {
    return [...this.queue].map(({ pod, since, waitsFor }) => ({ pod, since, waitsFor }));
  }

  close(): void {
    for (const queued of [...this.queue]) queued.refuse('the control plane ends');
  }

  /** Configuration of another identity than the one that is proven would be of no use, and is not for it. */
  private attach(authenticated: Authenticated, changed: (differences: Differences) => void): Attachment | Waiting {
    const pod = podKey(authenticated.pod);
    const attachment = this.options.snapshots.attach(pod, changed);
    if ('waitsFor' in attachment) return attachment;
    const [declared, proven] = [attachment.identity, authenticated.identity].map(Identity.key);
    if (declared === proven) return attachment;
    attachment.detach();
    return { waitsFor: `the pod ${pod} to run as ${declared}, as the mesh has it, and not as ${proven}` };
  }

  private leave(queued: Queued): void {
    queued.timer.cancel();
    this.queue.delete(queued);
  }
}

interface Queued {
  readonly pod: string;
  readonly since: number;
  readonly retry: () => void;
  readonly refuse: (reason: string) => void;
  readonly timer: { cancel(): void };
  waitsFor: string;
}
