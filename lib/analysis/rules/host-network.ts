import { memberLocator } from '../members';
import type { Rule } from '../rule';

/** Its sidecar would bind its ports on the node, for every other pod there to reach. */
export const hostNetwork: Rule = {
  code: 'MESH0920',
  level: 'error',
  summary: 'pods of the mesh have a network of their own',
  check: ({ pods }) =>
    pods
      .filter((pod) => pod.hostNetwork)
      .map((pod) => ({
        at: memberLocator(pod),
        message: `${pod.object} has hostNetwork: true, so its sidecar would listen on the node itself`,
        fix: 'take hostNetwork out of its pod template, or leave it out of the mesh',
      })),
};
