import { type AccessPolicy, locate } from '../../model';
import { cidr, dnsLabel } from '../form';
import { declaredPolicies, ruleLabel } from '../parts';
import type { Rule } from '../rule';

export const accessSources: Rule = {
  code: 'MESH0525',
  level: 'error',
  summary: 'addresses and namespaces that an access policy names are such',
  check: ({ model }) =>
    declaredPolicies(model).flatMap((policy) =>
      named(policy).map(([label, what, refusal]) => ({
        at: locate('AccessPolicy', policy),
        message: `${label}${what}: ${refusal}`,
        fix: 'write it in that form',
      })),
    ),
};

function named(policy: AccessPolicy): readonly (readonly [label: string, what: string, refusal: string])[] {
  const sources = [
    ...policy.rules.flatMap((rule, index) =>
      rule.from.map((source) => ({ label: ruleLabel(policy.rules, index), source })),
    ),
    ...policy.outsidePorts.flatMap(({ port, from }) =>
      from.map((source) => ({ label: `outside port ${port}: `, source })),
    ),
  ];
  return sources.flatMap(({ label, source }): readonly (readonly [string, string, string])[] => {
    if (source.kind === 'address') {
      const refusal = cidr(source.cidr);
      return refusal === undefined ? [] : [[label, `address ${JSON.stringify(source.cidr)}`, refusal] as const];
    }
    const refusal = source.kind === 'anyone' ? undefined : dnsLabel(source.namespace);
    if (source.kind === 'anyone' || refusal === undefined) return [];
    return [[label, `namespace ${JSON.stringify(source.namespace)}`, refusal] as const];
  });
}
