import { type AccessRule, type AccessSource, Identity, locate, type Model, names, policyTarget } from '../../model';
import { declaredPolicies, ruleLabel } from '../parts';
import type { Finding, Rule } from '../rule';

export const idleAccessRules: Rule = {
  code: 'MESH0528',
  level: 'warning',
  summary: 'every rule of an access policy can apply to someone',
  check: (context) => {
    const known = identities(context.model);
    return declaredPolicies(context.model).flatMap((policy) => {
      const at = locate('AccessPolicy', policy);
      const workload = context.find.workload(policyTarget(policy));
      if (workload && policy.rules.length > 0) {
        const message = `${workload.name} is a workload, which is not called: no rule of ${policy.name} ever applies`;
        return [{ at, message, fix: 'leave the rules out, or declare it as a Service' }];
      }
      return policy.rules.flatMap((rule, index): readonly Finding[] => {
        const label = ruleLabel(policy.rules, index);
        const strangers = rule.from.filter((source) => !known(source)).map(shown);
        const findings: Finding[] = [];
        if (rule.from.length > 0 && strangers.length === rule.from.length) {
          findings.push({
            at,
            message: `${label}nobody in the mesh is ${strangers.join(' or ')}, so it never applies`,
            fix: 'correct `from`, or declare who it means; pods without a sidecar are named with `outside`',
          });
        }
        if (rule.action === 'allow' && policy.rules.some((other) => isDenyOfAll(other) && coversPorts(other, rule))) {
          findings.push({
            at,
            message: `${label}another rule of ${policy.name} denies everybody, and a deny beats every allow, so it never applies`,
            fix: 'leave the deny out: what no rule allows is denied anyway',
          });
        }
        return findings;
      });
    });
  },
};

function isDenyOfAll({ action, shadow, from, requests, claims }: AccessRule): boolean {
  return action === 'deny' && !shadow && from.length === 0 && requests.length === 0 && claims.length === 0;
}

function coversPorts(wide: AccessRule, narrow: AccessRule): boolean {
  if (wide.ports.length === 0) return true;
  return narrow.ports.length > 0 && narrow.ports.every((port) => wide.ports.includes(port));
}

/** True for sources that something of the mesh is, and for those that are no part of it. */
function identities(model: Model): (source: AccessSource) => boolean {
  const accounts = new Set<string>([...model.services, ...model.workloads].map(Identity.key));
  const proxies = [
    ...model.gateways.map(({ namespace, name }) => ({ namespace, serviceAccount: names.proxyObject('gateway', name) })),
    ...model.sharedProxies.map(({ namespace, name }) => ({
      namespace,
      serviceAccount: names.proxyObject('shared-proxy', name),
    })),
  ];
  for (const proxy of proxies) accounts.add(Identity.key(proxy));
  const namespaces = new Set([...model.services, ...model.workloads, ...proxies].map(({ namespace }) => namespace));
  return (source) => {
    if (source.kind === 'identity') return accounts.has(Identity.key(source));
    return source.kind !== 'namespace' || namespaces.has(source.namespace);
  };
}

function shown(source: AccessSource): string {
  if (source.kind === 'identity') return `service account ${Identity.key(source)}`;
  return source.kind === 'address' ? source.cidr : `of namespace ${source.namespace}`;
}
