import { Identity, type Locator } from '../../model';
import { edgeLocator, ruleSites } from '../parts';
import type { Rule } from '../rule';

/** Objects written by hand can name a caller that nothing runs as; no proxy would ever take notice of them. */
export const unknownCaller: Rule = {
  code: 'MESH0224',
  level: 'error',
  summary: 'every caller that an edge or a route names is the identity of a service or workload',
  check: ({ model, find }) => {
    const named: readonly (readonly [Locator, string, Identity])[] = [
      ...model.edges.map((edge) => [edgeLocator(edge), 'the call is', edge.from] as const),
      ...ruleSites(model).flatMap(({ at, label, rule }) =>
        (rule.from ?? []).map((from) => [at, `${label}\`from\` is`, from] as const),
      ),
    ];
    return named
      .filter(([, , identity]) => find.running(identity).length === 0)
      .map(([at, what, identity]) => ({
        at,
        message: `${what} of service account ${Identity.key(identity)}, but no service or workload runs as it`,
        fix: `declare what runs as it: a Service or Workload with serviceAccount: '${identity.serviceAccount}'`,
      }));
  },
};
