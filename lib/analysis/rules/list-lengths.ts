import { locate } from '../../model';
import { edgeLocator, ruleSites } from '../parts';
import type { Finding, Rule } from '../rule';

/**
 * How many items an object may hold: Gateway API's bounds of a route (`HTTPRouteRule.matches`, `HTTPRouteSpec.rules` and
 * `backendRefs`, https://gateway-api.sigs.k8s.io/reference/spec/), and those of the mesh's own kinds.
 */
const most = { rules: 16, matches: 64, backends: 16, requests: 64 } as const;

export const listLengths: Rule = {
  code: 'MESH0432',
  level: 'error',
  summary: 'lists are no longer than the objects that hold them allow',
  check: ({ model }) => {
    const findings: Finding[] = [];
    const check = (at: Finding['at'], what: string, length: number, limit: number, fix: string) => {
      if (length > limit) findings.push({ at, message: `${what} has ${length} items, and ${limit} are allowed`, fix });
    };
    for (const route of model.routes) {
      if (route.kind === 'tls' || route.kind === 'tcp') continue;
      check(locate('Route', route), 'rules', route.rules.length, most.rules, 'divide it into several routes');
    }
    for (const { at, label, rule } of ruleSites(model)) {
      check(
        at,
        `${label}match`,
        rule.matches.length,
        most.matches,
        'match by prefix or regex, or divide it into several routes',
      );
      if (rule.action.kind !== 'forward') continue;
      check(at, `${label}to`, rule.action.backends.length, most.backends, 'split over fewer destinations');
    }
    for (const edge of model.edges) {
      check(edgeLocator(edge), 'only', edge.only.length, most.requests, 'select by prefix or regex');
    }
    for (const policy of model.accessPolicies.filter(({ origin }) => origin === 'declared')) {
      const longest = Math.max(0, ...policy.rules.map(({ requests }) => requests.length));
      check(
        locate('AccessPolicy', policy),
        'requests',
        longest,
        most.requests,
        'select by prefix or regex, or write several rules',
      );
    }
    return findings;
  },
};
