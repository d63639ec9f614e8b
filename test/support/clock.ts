import type { Clock, Timer } from '../../proxy/clock';

/**
 * A clock that stands still until it is told to go on: a year passes as fast as what happens in it can be done. Timers of one moment run
 * in the order in which they were set.
 */
export class VirtualClock implements Clock {
  private time: number;
  private nextOrder = 0;
  /** A heap: the first is the next. */
  private readonly waiting: Waiting[] = [];

  /** @param start milliseconds since 1970, or a date */
  constructor(start: number | string) {
    this.time = typeof start === 'string' ? Date.parse(start) : start;
  }

  now(): number {
    return this.time;
  }

  schedule(delay: number, run: () => void): Timer {
    if (!(delay >= 0)) throw new RangeError(`a delay of ${delay} ms`);
    const entry: Waiting = { at: this.time + delay, order: this.nextOrder++, run };
    push(this.waiting, entry);
    return {
      cancel: () => {
        entry.run = undefined;
      },
    };
  }

  /** Lets time pass. Between two moments at which something happens, everything that waits for a promise has its turn. */
  async advance(milliseconds: number): Promise<void> {
    await this.advanceTo(this.time + milliseconds);
  }

  async advanceTo(end: number): Promise<void> {
    await turn();
    for (let next = this.waiting[0]; next !== undefined && next.at <= end; next = this.waiting[0]) {
      pop(this.waiting);
      if (next.run === undefined) continue;
      this.time = Math.max(this.time, next.at);
      next.run();
      await turn();
    }
    this.time = Math.max(this.time, end);
  }

  /** Sets the clock without letting time pass, as somebody does who corrects it, or as a machine finds it that has slept. */
  set(time: number): void {
    this.time = time;
  }
}

interface Waiting {
  readonly at: number;
  readonly order: number;
  /** Absent: it was cancelled. */
  run: (() => void) | undefined;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function before(a: Waiting, b: Waiting): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Waiting[], entry: Waiting): void {
  heap.push(entry);
  for (let child = heap.length - 1; child > 0; ) {
    const parent = (child - 1) >> 1;
    if (!swapIfBefore(heap, child, parent)) return;
    child = parent;
  }
}

function pop(heap: Waiting[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let parent = 0; ; ) {
    const left = 2 * parent + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    if (a === undefined) return;
    const child = b !== undefined && before(b, a) ? left + 1 : left;
    if (!swapIfBefore(heap, child, parent)) return;
    parent = child;
  }
}

function swapIfBefore(heap: Waiting[], child: number, parent: number): boolean {
  const [a, b] = [heap[child], heap[parent]];
  if (a === undefined || b === undefined || !before(a, b)) return false;
  heap[parent] = a;
  heap[child] = b;
  return true;
}
