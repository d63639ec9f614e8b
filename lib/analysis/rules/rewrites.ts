import { type HttpRule, Late } from '../../model';
import { host, path } from '../form';
import { type RuleSite, ruleSites } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

export const rewrites: Rule = {
  code: 'MESH0425',
  level: 'error',
  summary: 'rewrites, redirects and direct answers say what can be done',
  check: ({ model }) =>
    ruleSites(model).flatMap((site) => [...rewriteProblems(site), ...redirectProblems(site), ...respondProblems(site)]),
};

function rewriteProblems({ at, label, rule, route }: RuleSite): readonly Finding[] {
  const { rewrite } = rule;
  if (!rewrite) return [];
  if (rule.action.kind !== 'forward') {
    return [
      {
        at,
        message: `${label}\`rewrite\` changes a request that is forwarded, but the rule gives \`${rule.action.kind}\``,
        fix: `leave \`rewrite\` out, or \`${rule.action.kind}\``,
      },
    ];
  }
  const findings: Finding[] = [];
  if (rewrite.path) {
    if (route.kind === 'grpc') {
      findings.push({
        at,
        message: `${label}\`rewrite.path\` would change the method of a gRPC call`,
        fix: 'leave `rewrite.path` out',
      });
    }
    if (rewrite.path.kind !== 'regex')
      findings.push(...pathProblems({ at, label, rule, route }, 'rewrite.path', rewrite.path));
  }
  const refusal = rewrite.host === undefined ? undefined : host(rewrite.host.replace(/:\d+$/, ''), 'exact');
  if (refusal !== undefined) {
    findings.push({
      at,
      message: `${label}\`rewrite.host\` is ${JSON.stringify(rewrite.host)}: ${refusal}`,
      fix: 'write the name of a host in `rewrite.host`',
    });
  }
  return findings;
}

function redirectProblems({ at, label, rule, route }: RuleSite): readonly Finding[] {
  if (rule.action.kind !== 'redirect') return [];
  const { action } = rule;
  const findings: Finding[] = [...rangeFindings(at, [[`${label}redirect.port`, action.port, Range.whole(1, 65_535)]])];
  if (![301, 302, 303, 307, 308].includes(action.status)) {
    findings.push({
      at,
      message: `${label}redirect.status must be 301, 302, 303, 307 or 308, got ${action.status}`,
      fix: 'set `redirect.status` to one of them',
    });
  }
  if (action.path) findings.push(...pathProblems({ at, label, rule, route }, 'redirect.path', action.path));
  const refusal = action.host === undefined ? undefined : host(action.host, 'exact');
  if (refusal !== undefined) {
    findings.push({
      at,
      message: `${label}\`redirect.host\` is ${JSON.stringify(action.host)}: ${refusal}`,
      fix: 'write the name of a host in `redirect.host`',
    });
  }
  if (!action.scheme && !action.host && action.port === undefined && !action.path) {
    findings.push({
      at,
      message: `${label}\`redirect\` leads back to the very request it answers`,
      fix: 'give `redirect` a `scheme`, `host`, `port` or `path`',
    });
  }
  const mirrored = (rule.mirrors ?? []).length > 0;
  if (mirrored) findings.push(senseless(at, label, 'mirror', 'redirect'));
  return findings;
}

function respondProblems({ at, label, rule }: RuleSite): readonly Finding[] {
  if (rule.action.kind !== 'respond') return [];
  return [
    ...rangeFindings(at, [[`${label}respond.status`, rule.action.status, Range.whole(200, 599)]]),
    ...((rule.mirrors ?? []).length > 0 ? [senseless(at, label, 'mirror', 'respond')] : []),
  ];
}

function senseless(at: Finding['at'], label: string, property: string, action: string): Finding {
  return {
    at,
    message: `${label}\`${property}\` copies a request that is forwarded, but the rule gives \`${action}\``,
    fix: `leave \`${property}\` out, or \`${action}\``,
  };
}

/**
 * What replaces a prefix needs the one prefix that was matched (the CRD's own rule: "When using URLRewrite filter with
 * path.replacePrefixMatch, exactly one PathPrefix match must be specified").
 */
function pathProblems(
  { at, label, rule }: RuleSite,
  property: string,
  { kind, value }: { readonly kind: 'full' | 'prefix'; readonly value: string },
): readonly Finding[] {
  const findings: Finding[] = [];
  const { matches } = rule as HttpRule;
  const [only] = matches;
  if (kind === 'prefix' && (matches.length > 1 || (only && only.path?.kind !== 'prefix'))) {
    const given = matches.length > 1 ? `${matches.length} matches` : (only?.path?.kind ?? 'no path');
    findings.push({
      at,
      message: `${label}\`${property}\` replaces the prefix that was matched, so the rule needs exactly one match, by PathMatch.prefix; it has ${given}`,
      fix: `match by one PathMatch.prefix, with a rule for each, or give \`${property}\` as { full: … }`,
    });
  }
  const refusal = kind === 'prefix' && value === '' ? undefined : path(value.replace(/\?.*$/, ''));
  if (refusal !== undefined && !Late.is(value)) {
    findings.push({
      at,
      message: `${label}\`${property}\` is ${JSON.stringify(value)}: ${refusal}`,
      fix: `begin \`${property}\` with '/'`,
    });
  }
  return findings;
}
