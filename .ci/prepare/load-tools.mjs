// wrk, which makes the load of `npm run bench -- proxy`.
import { canInstall, install } from './apt.mjs';
import { which } from './command.mjs';

export const loadTools = {
  name: 'load tools',

  /** Where it can neither be found nor installed, the benchmark says what it leaves out. */
  isDone() {
    return which('wrk') !== undefined || !canInstall();
  },

  work({ say }) {
    try {
      install('wrk', say);
    } catch (error) {
      return `went without wrk: ${error.message}`;
    }
    return which('wrk');
  },
};
