import { type GrpcMatch, type HttpMatch, matchesAnyPath, order, type PathMatch, Ref } from '../../model';
import { grpcPath, isGrpcMatch, withoutSlash } from './match';

/** What decides which of several matches of a request wins. */
export interface Ranked {
  readonly match: HttpMatch | GrpcMatch;
  /** The rule is for certain callers. */
  readonly personal: boolean;
  /** Where it was declared. */
  readonly route: Ref;
  readonly rule: number;
}

/**
 * Gateway API's order over all rules of all routes of a parent: an exact path, the longest prefix, a method, the most headers, the
 * most query parameters; then, of what is equal, a rule for certain callers, the name of the route, and the order in it. It says
 * nothing of regular expressions: they come after all prefixes but the empty one, which would leave nothing to them.
 * https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
export function comparePrecedence(a: Ranked, b: Ranked): number {
  const [first, second] = [specificity(a), specificity(b)];
  for (let i = 0; i < first.length; i++) {
    const difference = (second[i] ?? 0) - (first[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return order(Ref.key(a.route), Ref.key(b.route)) || a.rule - b.rule;
}

/** The larger, the sooner; the first number that differs decides. */
function specificity({ match, personal }: Ranked): readonly number[] {
  const path = pathOf(match);
  return [
    path === undefined ? 0 : kinds[path.kind],
    path === undefined || path.kind === 'regex' ? 0 : withoutSlash(path.path).length,
    !isGrpcMatch(match) && match.method !== undefined ? 1 : 0,
    match.headers.length,
    isGrpcMatch(match) ? 0 : match.query.length,
    personal ? 1 : 0,
  ];
}

const kinds = { exact: 3, prefix: 2, regex: 1 } as const;

function pathOf(match: HttpMatch | GrpcMatch): PathMatch | undefined {
  if (isGrpcMatch(match)) return grpcPath(match);
  return matchesAnyPath(match) ? undefined : match.path;
}
