import { type HeaderChanges, Late, type Locator, type Model } from '../../model';
import { token } from '../form';
import { ruleSites, splitSites } from '../parts';
import type { Finding, Rule } from '../rule';

export const headerChanges: Rule = {
  code: 'MESH0426',
  level: 'error',
  summary: 'changes of headers name legal headers, each once',
  check: ({ model }) =>
    sites(model).flatMap(([at, property, changes]) => {
      const known = new Map<string, string>();
      const named = [
        ...changes.set.map(({ name, value }) => ({ how: 'set', name, value })),
        ...changes.add.map(({ name, value }) => ({ how: 'add', name, value })),
        ...changes.remove.map((name) => ({ how: 'remove', name, value: undefined })),
      ];
      return named.flatMap(({ how, name, value }): readonly Finding[] => {
        const what = `${property}.${how}`;
        const problem = refusal(name, value);
        if (problem !== undefined)
          return [{ at, message: `${what} of ${JSON.stringify(name)}: ${problem.why}`, fix: problem.fix }];
        const other = known.get(name.toLowerCase());
        known.set(name.toLowerCase(), other ?? how);
        if (other === undefined) return [];
        return [
          {
            at,
            message: `${property} changes header ${name.toLowerCase()} twice, by ${other} and by ${how}`,
            fix: 'leave one of the two out',
          },
        ];
      });
    }),
};

function refusal(name: string, value: string | undefined): { readonly why: string; readonly fix: string } | undefined {
  const form = token(name);
  // Envoy refuses to change these: they decide where the request goes and how long it is.
  if (name.startsWith(':') || name.toLowerCase() === 'host') {
    return { why: 'it is not changed as a header', fix: 'use `rewrite.host` or `rewrite.path` instead' };
  }
  if (form !== undefined) return { why: `it is no name of a header: ${form}`, fix: 'write a legal name' };
  if (value === undefined || Late.is(value) || visible.test(value)) return undefined;
  return {
    why: `the value ${JSON.stringify(value)} is not visible ASCII with single blanks`,
    fix: 'encode what else there is, for example in percent',
  };
}

/** What Gateway API's experimental channel takes for a value (`HTTPHeader.value` of 1.7), and the standard one is to follow. */
const visible = /^[!-~]+([\t ]?[!-~]+)*$/;

function sites(model: Model): readonly (readonly [Locator, string, HeaderChanges])[] {
  const both = [
    ...ruleSites(model).map(({ at, label, rule }) => ({ at, label, holder: rule })),
    ...splitSites(model).flatMap(({ at, label, backends }) =>
      backends.map((backend) => ({
        at,
        label: `${label}backend ${backend.version ?? backend.service.name}: `,
        holder: backend,
      })),
    ),
  ];
  return both.flatMap(({ at, label, holder }) => [
    ...(holder.requestHeaders ? [[at, `${label}requestHeaders`, holder.requestHeaders] as const] : []),
    ...(holder.responseHeaders ? [[at, `${label}responseHeaders`, holder.responseHeaders] as const] : []),
  ]);
}
