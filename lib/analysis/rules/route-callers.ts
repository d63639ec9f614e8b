import { ruleSites } from '../parts';
import type { Rule } from '../rule';

export const routeCallers: Rule = {
  code: 'MESH0431',
  level: 'error',
  summary: 'a route of a gateway does not choose its callers by identity',
  check: ({ model }) =>
    ruleSites(model)
      .filter(({ route, rule }) => rule.from !== undefined && route.parents.some((parent) => parent.kind === 'gateway'))
      .map(({ at, label }) => ({
        at,
        message: `${label}\`from\` names callers by their identity in the mesh, but those of a gateway come from outside and have none`,
        fix: 'leave `from` out, and match by header or host instead',
      })),
};
