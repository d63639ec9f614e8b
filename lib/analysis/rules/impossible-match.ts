import type { RequestMatch, ValueMatch } from '../../model';
import { headerValue, path, token } from '../form';
import { matchSites } from '../parts';
import type { Rule } from '../rule';

const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);

export const impossibleMatch: Rule = {
  code: 'MESH0422',
  level: 'error',
  summary: 'every match can be met by a request',
  check: ({ model }) =>
    matchSites(model).flatMap(({ at, label, match }) =>
      [...headerProblems(match.headers), ...(match.kind === 'http' ? httpProblems(match) : grpcProblems(match))].map(
        ([problem, fix]) => ({ at, message: `${label}no request can match: ${problem}`, fix }),
      ),
    ),
};

type Problem = readonly [problem: string, fix: string];

function httpProblems(match: Extract<RequestMatch, { readonly kind: 'http' }>): readonly Problem[] {
  const problems: Problem[] = [];
  if (match.path && match.path.kind !== 'regex') {
    const refusal = path(match.path.path);
    const fix = "write the path from its '/' on, and match the query with QueryMatch";
    if (refusal !== undefined) problems.push([`the path ${JSON.stringify(match.path.path)} is none: ${refusal}`, fix]);
  }
  if (match.method && !methods.has(match.method)) {
    problems.push([
      `the method ${JSON.stringify(match.method)} is none of ${[...methods].join(', ')}`,
      'name one of them in capital letters',
    ]);
  }
  for (const { name } of match.query) {
    if (name === '') problems.push(['a query parameter has no name', 'name it: QueryMatch.exact(name, value)']);
  }
  return [...problems, ...contradictions('query parameter', match.query, (name) => name)];
}

function headerProblems(headers: readonly ValueMatch[]): readonly Problem[] {
  const forms = headers.flatMap((header): Problem[] => {
    const name = token(header.name);
    if (name !== undefined) {
      return [[`${JSON.stringify(header.name)} is no name of a header: ${name}`, 'write a legal name in HeaderMatch']];
    }
    const value = header.kind === 'exact' ? headerValue(header.value) : undefined;
    return value === undefined
      ? []
      : [[`header ${header.name}: ${value}`, 'take the control characters out of the value']];
  });
  return [...forms, ...contradictions('header', headers, (name) => name.toLowerCase())];
}

/** One header or parameter cannot have two values at once. */
function contradictions(
  what: string,
  values: readonly ValueMatch[],
  fold: (name: string) => string,
): readonly Problem[] {
  const known = new Map<string, string>();
  return values.flatMap((match): Problem[] => {
    if (match.kind !== 'exact') return [];
    const other = known.get(fold(match.name));
    known.set(fold(match.name), other ?? match.value);
    if (other === undefined || other === match.value) return [];
    return [
      [
        `${what} ${match.name} would have to be ${JSON.stringify(other)} and ${JSON.stringify(match.value)} at once`,
        'write two matches in a list: one of them must match',
      ],
    ];
  });
}

/** https://protobuf.dev/reference/protobuf/proto3-spec/#identifiers */
function grpcProblems(match: Extract<RequestMatch, { readonly kind: 'grpc' }>): readonly Problem[] {
  const problems: Problem[] = [];
  if (match.service !== undefined && !/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(match.service)) {
    problems.push([
      `${JSON.stringify(match.service)} is no gRPC service`,
      "write its full name, package included, such as 'shop.ratings.v1.Ratings'",
    ]);
  }
  if (match.method !== undefined && !/^[A-Za-z_]\w*$/.test(match.method)) {
    problems.push([`${JSON.stringify(match.method)} is no gRPC method`, "write its name alone, such as 'GetRating'"]);
  }
  return problems;
}
