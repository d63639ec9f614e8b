import { captureOf } from '../calls';
import { callerName, edgeLocator } from '../parts';
import type { Rule } from '../rule';

/** A name leads to the sidecar by a line in /etc/hosts, and such a line holds no wildcard. */
export const wildcardByNames: Rule = {
  code: 'MESH0326',
  level: 'error',
  summary: 'hosts by wildcard are called with transparent capture',
  check: (context) =>
    context.model.edges.flatMap((edge) => {
      if (edge.to.kind !== 'externalService') return [];
      const external = context.find.externalService(edge.to);
      if (!external?.host.startsWith('*') || captureOf(context, edge.from).kind !== 'names') return [];
      const caller = callerName(context, edge);
      return {
        at: edgeLocator(edge),
        message: `${caller} calls ${external.host}, but with capture by names only whole host names lead to its sidecar`,
        fix: `set capture: Capture.transparent() on ${caller}, or declare the hosts it calls one by one`,
      };
    }),
};
