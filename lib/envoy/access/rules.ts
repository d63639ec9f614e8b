import { type AccessPolicy, type AccessRule, lookup, type Service } from '../../model';
import type { Context } from '../context';

/** What is declared of the access to one port of an application, whatever policy says it. */
export interface Access {
  readonly allow: readonly AccessRule[];
  readonly deny: readonly AccessRule[];
  /** Rules that are only counted. */
  readonly shadow: { readonly allow: readonly AccessRule[]; readonly deny: readonly AccessRule[] };
}

/** Several ports of a service may lead to one of the application: what is said of one of them is said of it. */
export function accessOf(context: Context, service: Service, applicationPort: number): Access {
  const ports = service.ports.filter(({ targetPort }) => targetPort === applicationPort).map(({ port }) => port);
  const rules = policiesOf(context, service)
    .flatMap((policy) => policy.rules)
    .filter((rule) => rule.ports.length === 0 || rule.ports.some((port) => ports.includes(port)));
  const of = (action: AccessRule['action'], shadow: boolean) =>
    rules.filter((rule) => rule.action === action && rule.shadow === shadow);
  return {
    allow: of('allow', false),
    deny: of('deny', false),
    shadow: { allow: of('allow', true), deny: of('deny', true) },
  };
}

/** Those of edges are among them. */
export function policiesOf({ model }: Context, service: Service): readonly AccessPolicy[] {
  return lookup(model).accessPolicies(service);
}
