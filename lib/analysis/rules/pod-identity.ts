import { memberLocator, ownerOf } from '../members';
import type { Rule } from '../rule';

/** A template that names none gets the one of its service when it is adapted. */
export const podIdentity: Rule = {
  code: 'MESH0921',
  level: 'error',
  summary: 'pods run as the service account of their service or workload',
  check: ({ find, pods }) =>
    pods.flatMap((pod) => {
      const owner = ownerOf(find, pod);
      const { serviceAccount } = pod;
      if (
        !owner ||
        serviceAccount === undefined ||
        serviceAccount === 'default' ||
        serviceAccount === owner.serviceAccount
      )
        return [];
      return {
        at: memberLocator(pod),
        message: `${pod.object} runs as service account ${serviceAccount}, but ${owner.name} is known as ${owner.serviceAccount}`,
        fix: `set serviceAccount: '${serviceAccount}' on ${owner.name}, or name ${owner.serviceAccount} in the pod template`,
      };
    }),
};
