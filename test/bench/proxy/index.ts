import { benchCertificates } from './certificates';
import { benchChange } from './change';
import { benchConnections } from './connections';
import { machine } from './machine';
import { conclusion } from './report';
import { benchRequests } from './requests';
import { benchSize } from './size';
import { type Undo, undoing } from './undo';

/** The data plane and the control plane, each figure beside another of the same run. */
export const sections: { readonly [name: string]: (quick: boolean, undo: Undo) => Promise<void> } = {
  requests: benchRequests,
  size: benchSize,
  change: benchChange,
  connections: benchConnections,
  certificates: benchCertificates,
};

export async function benchProxy(chosen: readonly string[], quick: boolean): Promise<void> {
  const started = performance.now();
  console.log(`data plane and control plane on this machine: ${machine()}${quick ? ' (quick: few rounds)' : ''}`);
  for (const [name, section] of Object.entries(sections)) {
    if (chosen.length === 0 || chosen.includes(name)) await undoing((undo) => section(quick, undo));
  }
  console.log(`\n${conclusion()}; ${Math.round((performance.now() - started) / 1_000)} s`);
}
