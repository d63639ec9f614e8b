import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Ends what this process has started when this process cannot do so itself, because it was killed: a shell that waits for
 * the end of its input, which only this process holds open. It knows the process groups that are to end and the folder that
 * is to go.
 */
export class Keeper {
  private readonly groups = new Set<number>();
  private shell: ChildProcess;
  private closed = false;

  constructor(
    private readonly folder: string,
    private readonly parent: string,
  ) {
    this.shell = this.start();
  }

  get pid(): number | undefined {
    return this.shell.pid;
  }

  /** Process groups that have not ended yet. */
  get groupsLeft(): readonly number[] {
    return [...this.groups];
  }

  add(group: number): void {
    this.groups.add(group);
    this.tell(`+ ${group}`);
  }

  remove(group: number): void {
    this.groups.delete(group);
    this.tell(`- ${group}`);
  }

  /** Everything has ended in order: it has nothing left to do. */
  async close(): Promise<void> {
    this.closed = true;
    const { shell } = this;
    if (shell.exitCode !== null || shell.signalCode !== null) return;
    const exited = new Promise((resolve) => shell.once('exit', resolve));
    this.tell('quit');
    await exited;
  }

  private tell(line: string): void {
    this.shell.stdin?.write(`${line}\n`);
  }

  private start(): ChildProcess {
    // In a session of its own, so that no signal of the terminal reaches it.
    const shell = spawn('/bin/sh', ['-c', script, 'meshwright-keeper', this.folder, this.parent], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    });
    shell.unref();
    shell.stdin?.on('error', () => {});
    (shell.stdin as { unref?: () => void } | null)?.unref?.();
    shell.on('error', () => {});
    shell.once('exit', () => {
      if (this.closed) return;
      this.shell = this.start();
      for (const group of this.groups) this.tell(`+ ${group}`);
    });
    return shell;
  }
}

/** POSIX, and without `kill --`, which dash does not know. `$groups` is a list with a space before and after each. Two seconds to end in order, then no more. */
const script = `
trap '' HUP INT TERM
groups=' '
while read -r what group; do
  case $what in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
    quit) exit 0 ;;
  esac
done
for group in $groups; do kill -TERM "-$group" 2>/dev/null; done
left=20
while [ "$left" -gt 0 ]; do
  left=$((left - 1))
  alive=
  for group in $groups; do kill -0 "-$group" 2>/dev/null && alive=yes; done
  [ -n "$alive" ] || break
  sleep 0.1
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
rm -rf -- "$1"
rmdir -- "$2" 2>/dev/null
exit 0
`;
