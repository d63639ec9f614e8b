// nft and ip, with which the rules of transparent capture are tried in a network namespace of their own.
import { canInstall, install } from './apt.mjs';
import { which } from './command.mjs';

const packages = { nft: 'nftables', ip: 'iproute2' };

function missing() {
  return Object.entries(packages).filter(([program]) => which(program) === undefined);
}

export const networkTools = {
  name: 'network tools',

  /** Without root nothing can be installed, and without it there are no network namespaces to try anything in. */
  isDone() {
    return missing().length === 0 || !canInstall();
  },

  work({ say }) {
    for (const [, debianPackage] of missing()) install(debianPackage, say);
    return Object.keys(packages).map(which).join(', ');
  },
};
