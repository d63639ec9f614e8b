import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runningMeshes } from './run-folder';
import type { RunState } from './run-state';
import { callsOf, tableOf, whereToLook } from './table';

/** Shows what runs on this machine: every mesh of this user, or the one that is named. */
export function status({ mesh }: { readonly mesh?: string }): number {
  const running = runningMeshes();
  const chosen = mesh === undefined ? running : running.filter((one) => one.mesh === mesh);
  if (chosen.length === 0) {
    console.log(noneRuns(mesh, running));
    return 1;
  }
  for (const [index, state] of chosen.entries()) {
    if (index > 0) console.log('');
    const parts = [[heading(state)], tableOf(state), callsOf(state), whereToLook(state, gatewayCa(state))];
    console.log(parts.map((lines) => lines.join('\n')).join('\n\n'));
  }
  return 0;
}

export function noneRuns(mesh: string | undefined, running: readonly RunState[]): string {
  if (mesh === undefined || running.length === 0) {
    return `no mesh runs on this machine${mesh === undefined ? '' : `, and so none named ${mesh}`}; start one: meshwright up <program>`;
  }
  return `no mesh named ${mesh} runs on this machine; there is ${running.map((one) => one.mesh).join(', ')}`;
}

function heading({ mesh, program, process }: RunState): string {
  return `mesh ${mesh} of ${program} (process ${process.pid})`;
}

function gatewayCa({ logs }: RunState): string | undefined {
  const file = join(logs, '..', 'gateway-ca.crt');
  return existsSync(file) ? file : undefined;
}
