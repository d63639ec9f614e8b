import type { HttpRule, RedirectAction, Rewrite } from '../../model';
import type { Route } from '../types';
import { literal, withoutSlash } from './match';

type RouteAction = NonNullable<Route['route']>;

/** How the path and the host of a request are changed before it is sent on. */
export function rewriting(rewrite: Rewrite | undefined, matched: string | undefined): RouteAction {
  const { path, host } = rewrite ?? {};
  return { ...(path && pathRewriting(path, matched)), ...(host !== undefined && { hostRewriteLiteral: host }) };
}

function pathRewriting(path: NonNullable<Rewrite['path']>, matched: string | undefined): RouteAction {
  switch (path.kind) {
    case 'full':
      return { regexRewrite: { pattern: { regex: '^/.*$' }, substitution: withoutReferences(path.value) } };
    case 'prefix':
      return replacedPrefix(path.value, matched);
    case 'regex':
      return { regexRewrite: { pattern: { regex: path.pattern }, substitution: path.substitution } };
  }
}

/**
 * Replaces the segments that were matched, so that one slash and no more stands between what replaces them and what follows. Envoy
 * replaces letters: `/` for `/foo` would make `//bar` of `/foo/bar`, and `/xyz` for `/` would make `/xyzbar` of `/bar`.
 * https://gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier
 */
function replacedPrefix(
  value: string,
  matched: string | undefined,
): Pick<RouteAction, 'prefixRewrite' | 'regexRewrite'> {
  const from = withoutSlash(matched ?? '/');
  const to = withoutSlash(value);
  if (from === '') return { prefixRewrite: `${to}/` };
  if (to !== '') return { prefixRewrite: to };
  return { regexRewrite: { pattern: { regex: `^${literal(from)}/*` }, substitution: '/' } };
}

/** In a substitution `\1` is a group: a backslash of a path is written twice. */
function withoutReferences(text: string): string {
  return text.replaceAll('\\', '\\\\');
}

/** The prefix that a match is by. */
export function matchedPrefix(match: HttpRule['matches'][number]): string | undefined {
  return match.path?.kind === 'prefix' ? match.path.path : undefined;
}

/**
 * Leads the client elsewhere. A scheme without a port means the usual one of the scheme; Envoy leaves the port that the client has
 * named (unless it is the usual one of the other scheme), so where the host is known it is given, without a port.
 */
export function redirection(
  action: RedirectAction,
  { matched, host }: { readonly matched: string | undefined; readonly host: string | undefined },
): NonNullable<Route['redirect']> {
  const port = action.port === undefined || isUsual(action.port, action.scheme) ? undefined : action.port;
  const dropsPort = action.scheme !== undefined && port === undefined;
  const hostRedirect = action.host ?? (dropsPort ? host : undefined);
  return {
    ...(action.scheme !== undefined && { schemeRedirect: action.scheme }),
    ...(hostRedirect !== undefined && { hostRedirect }),
    ...(port !== undefined && { portRedirect: port }),
    ...redirectedPath(action.path, matched),
    responseCode: codes[action.status],
  };
}

/** A port that a URL of the scheme does not name. */
function isUsual(port: number, scheme: RedirectAction['scheme']): boolean {
  return (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
}

function redirectedPath(path: RedirectAction['path'], matched: string | undefined): NonNullable<Route['redirect']> {
  if (!path) return {};
  return path.kind === 'full' ? { pathRedirect: path.value } : replacedPrefix(path.value, matched);
}

const codes = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
} as const;
