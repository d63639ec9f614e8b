import type { Locator, Model, ValueMatch } from '../../model';
import { matchSites, ruleSites } from '../parts';
import { re2Groups, re2Refusal } from '../re2';
import type { Finding, Rule } from '../rule';

export const regularExpressions: Rule = {
  code: 'MESH0423',
  level: 'error',
  summary: 'regular expressions are ones that RE2 takes',
  check: ({ model }) => [
    ...patterns(model).flatMap(([at, what, pattern]): readonly Finding[] => {
      const refusal = re2Refusal(pattern);
      if (refusal === undefined) return [];
      return [
        {
          at,
          message: `${what} ${JSON.stringify(pattern)} is refused by RE2: ${refusal}`,
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
      ];
    }),
    ...substitutions(model),
  ],
};

function patterns(model: Model): readonly (readonly [Locator, string, string])[] {
  return [
    ...matchSites(model).flatMap(({ at, label, match }) => {
      const values = (what: string, list: readonly ValueMatch[]) =>
        list.flatMap((value) =>
          value.kind === 'regex' ? [[at, `${label}the pattern of ${what} ${value.name}`, value.pattern] as const] : [],
        );
      const path = match.kind === 'http' && match.path?.kind === 'regex' ? match.path.pattern : undefined;
      return [
        ...(path === undefined ? [] : [[at, `${label}the pattern of the path`, path] as const]),
        ...values('header', match.headers),
        ...(match.kind === 'http' ? values('query parameter', match.query) : []),
      ];
    }),
    ...ruleSites(model).flatMap(({ at, label, rule }) =>
      rule.rewrite?.path?.kind === 'regex'
        ? [[at, `${label}the pattern of \`rewrite\``, rule.rewrite.path.pattern] as const]
        : [],
    ),
  ];
}

/** What is put in the place of a match may only refer to groups that the pattern has. */
function substitutions(model: Model): readonly Finding[] {
  return ruleSites(model).flatMap(({ at, label, rule }): readonly Finding[] => {
    const path = rule.rewrite?.path;
    if (path?.kind !== 'regex' || re2Refusal(path.pattern) !== undefined) return [];
    const groups = re2Groups(path.pattern);
    const named = [...path.substitution.matchAll(/\\(\d|.|$)/g)].map(([, name]) => name ?? '');
    const wrong = named.find((name) => name !== '\\' && !(/^\d$/.test(name) && Number(name) <= groups));
    if (wrong === undefined) return [];
    return [
      {
        at,
        message: `${label}\`rewrite\` puts ${JSON.stringify(path.substitution)} in the place of ${JSON.stringify(path.pattern)}, which has ${groups === 1 ? '1 group' : `${groups} groups`}, so '\\${wrong}' stands for nothing`,
        fix: `refer to groups from \\0 (the whole) to \\${groups}, and write a backslash as \\\\`,
      },
    ];
  });
}
