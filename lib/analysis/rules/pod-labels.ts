import { names } from '../../model';
import { memberLocator, selectorOf } from '../members';
import type { Rule } from '../rule';

export const podLabels: Rule = {
  code: 'MESH0922',
  level: 'error',
  summary: 'pods carry the labels by which their service and version select them',
  check: ({ find, pods }) =>
    pods.flatMap((pod) => {
      const selector = Object.entries(selectorOf(find, pod) ?? {});
      const missing = selector
        // The mesh adds its own labels to the templates it adapts.
        .filter(([key, value]) => !key.startsWith(names.apiGroup) && pod.labels[key] !== value)
        .map(([key, value]) => `${key}: ${value}`);
      if (missing.length === 0) return [];
      const what =
        pod.member.kind === 'service' && pod.member.version
          ? `version ${pod.member.version} of ${pod.member.name}`
          : pod.member.name;
      return {
        at: memberLocator(pod),
        message: `pods of ${pod.object} are not among those of ${what}: they lack ${missing.join(', ')}`,
        fix: 'add the labels to its pod template, or correct the `selector`',
      };
    }),
};
