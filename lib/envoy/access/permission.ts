import type { ClaimMatch, HttpMatch, PathMatch, RequestMatch, ValueMatch } from '../../model';
import type { envoy } from '../generated/types';
import { grpcPath, literal, withoutSlash } from '../route/match';

export type Permission = envoy.config.rbac.v3.Permission;
type StringMatcher = envoy.type.matcher.v3.StringMatcher;
type ValueMatcher = envoy.type.matcher.v3.ValueMatcher;

/** The requests that a rule is about: one of these. */
export function permissionsOf(
  requests: readonly RequestMatch[],
  claims: Permission | undefined,
): readonly Permission[] {
  const made: readonly Permission[] = requests.length === 0 ? [{ any: true }] : requests.map(permission);
  return claims ? made.map((one) => all([...(one.any ? [] : [one]), claims])) : made;
}

export function permission(match: RequestMatch): Permission {
  return all(match.kind === 'grpc' ? grpcParts(match) : httpParts(match));
}

function httpParts({ path, method, headers, query }: HttpMatch): readonly Permission[] {
  return [
    ...(path === undefined ? [] : pathParts(path)),
    ...(method === undefined ? [] : [headerPart(':method', { exact: method })]),
    ...headers.map((header) => headerPart(headerName(header.name), stringMatch(header))),
    ...query.map(queryPart),
  ];
}

function grpcParts({ service, method, headers }: Extract<RequestMatch, { kind: 'grpc' }>): readonly Permission[] {
  const path = grpcPath({ ...(service !== undefined && { service }), ...(method !== undefined && { method }) });
  return [
    ...(path === undefined ? [] : pathParts(path)),
    headerPart('content-type', { prefix: 'application/grpc' }),
    ...headers.map((header) => headerPart(headerName(header.name), stringMatch(header))),
  ];
}

/** Envoy compares the path without its query. */
function pathParts(path: PathMatch): readonly Permission[] {
  switch (path.kind) {
    case 'exact':
      return [{ urlPath: { path: { exact: path.path } } }];
    case 'prefix': {
      const segments = withoutSlash(path.path);
      if (segments === '') return [];
      // Whole segments: the path itself, or what is below it.
      return [any([{ urlPath: { path: { exact: segments } } }, { urlPath: { path: { prefix: `${segments}/` } } }])];
    }
    case 'regex':
      return [{ urlPath: { path: { safeRegex: { regex: path.pattern } } } }];
  }
}

function headerPart(name: string, match: StringMatcher): Permission {
  return { header: { name, stringMatch: match } };
}

function headerName(name: string): string {
  const lower = name.toLowerCase();
  return lower === 'host' ? ':authority' : lower;
}

function stringMatch(match: ValueMatch): StringMatcher {
  return match.kind === 'exact' ? { exact: match.value } : { safeRegex: { regex: match.pattern } };
}

/** Access control of Envoy knows no query parameters: they stand at the end of the path, which is a header. */
function queryPart(match: ValueMatch): Permission {
  const value = match.kind === 'exact' ? encoded(match.value) : `(?:${match.pattern})`;
  return headerPart(':path', { safeRegex: { regex: `[^?]*\\?(?:[^#]*&)?${encoded(match.name)}=${value}(?:&.*)?` } });
}

/** As it may stand in a query: each character that is neither a letter nor a digit as it is, or as `%2F` and `%2f`. */
function encoded(text: string): string {
  return [...text]
    .map((character) => {
      if (/[A-Za-z0-9]/.test(character)) return character;
      const bytes = [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`);
      const space = character === ' ' ? '|\\+' : '';
      return `(?:${literal(character)}|(?i:${bytes.join('')})${space})`;
    })
    .join('');
}

/** What the verified token must hold; under which keys the filter that verifies tokens leaves what they hold. */
export function claimsPart(claims: readonly ClaimMatch[], payloads: readonly string[]): Permission | undefined {
  if (claims.length === 0) return undefined;
  return all(
    claims.map(({ claim, values }) =>
      any(
        payloads.flatMap((payload) =>
          values.map((value) => ({
            sourcedMetadata: {
              metadataMatcher: {
                filter: 'envoy.filters.http.jwt_authn',
                path: [payload, ...claim.split('.')].map((key) => ({ key })),
                value: claimValue(value),
              },
            },
          })),
        ),
      ),
    ),
  );
}

/** A text, a number or a truth, or a list that holds it. */
function claimValue(value: string): ValueMatcher {
  const one: readonly ValueMatcher[] = [
    { stringMatch: { exact: value } },
    ...(value === 'true' || value === 'false' ? [{ boolMatch: value === 'true' }] : []),
    ...(/^-?[0-9]+(\.[0-9]+)?$/.test(value) ? [{ doubleMatch: { exact: Number(value) } }] : []),
  ];
  const single: ValueMatcher = one.length === 1 ? (one[0] ?? {}) : { orMatch: { valueMatchers: one } };
  return { orMatch: { valueMatchers: [...one, { listMatch: { oneOf: single } }] } };
}

/** Every one of them. Of none: always. */
export function all(parts: readonly Permission[]): Permission {
  return parts.length === 0 ? { any: true } : parts.length === 1 ? (parts[0] ?? {}) : { andRules: { rules: parts } };
}

/** One of them. Of none: never. */
export function any(parts: readonly Permission[]): Permission {
  if (parts.length === 0) return { notRule: { any: true } };
  return parts.length === 1 ? (parts[0] ?? {}) : { orRules: { rules: parts } };
}
