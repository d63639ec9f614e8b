import { join } from 'node:path';
import { nodeArguments } from '../command-line/program';
import { type EchoListener, EchoListeners } from './echo/listeners';
import { ownFile } from './own-file';
import type { Keeper } from './process/keeper';
import { type ProcessEvents, Supervised } from './process/supervised';

/** All echo servers, in one process that is there while there is a service to stand in for. */
export class StandIns {
  private readonly listeners = new Map<string, readonly EchoListener[]>();
  private process: Supervised | undefined;

  constructor(
    readonly logFile: string,
    private readonly keeper: Keeper,
    private readonly died: ProcessEvents['died'],
  ) {}

  get pid(): number | undefined {
    return this.process?.pid;
  }

  set(pod: string, listeners: readonly EchoListener[]): void {
    this.listeners.set(pod, listeners);
    this.tell();
  }

  remove(pod: string): void {
    if (this.listeners.delete(pod)) this.tell();
  }

  async stop(grace: number): Promise<void> {
    await this.process?.stop(grace);
  }

  private tell(): void {
    if (this.process) {
      this.process.write(EchoListeners.write([...this.listeners.values()].flat()));
      return;
    }
    const file = ownFile(join(__dirname, 'echo/main'));
    this.process = new Supervised(
      {
        name: 'echo server',
        command: [process.execPath, ...nodeArguments({ file, name: 'echo' })],
        directory: '/',
        env: process.env,
        logFile: this.logFile,
        input: true,
      },
      this.keeper,
      { started: () => this.tell(), died: this.died },
    );
    this.process.start();
  }
}
