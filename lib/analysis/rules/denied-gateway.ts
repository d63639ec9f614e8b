import { backendsOf, locate, names, Ref } from '../../model';
import { denialsOf } from '../denial';
import type { Finding, Rule } from '../rule';

export const deniedGateway: Rule = {
  code: 'MESH0725',
  level: 'error',
  summary: 'no route of a gateway leads to a service whose policy denies it to the gateway',
  check: (context) => {
    const { model, find } = context;
    const denials = new Map<string, ReturnType<typeof denialsOf>>();
    const denialOf = (service: Ref) => {
      const key = Ref.key(service);
      if (!denials.has(key)) denials.set(key, denialsOf(context, service));
      return denials.get(key);
    };
    return model.routes.flatMap((route) =>
      route.parents.flatMap((parent): readonly Finding[] => {
        if (parent.kind !== 'gateway') return [];
        const caller = { namespace: parent.namespace, serviceAccount: names.proxyObject('gateway', parent.name) };
        return backendsOf(route).flatMap(({ service, port }) => {
          const policy = find.service(service) && denialOf(service)?.by(caller, port, []);
          if (!policy) return [];
          return {
            at: locate('Route', route),
            message: `gateway ${parent.name} leads requests to ${Ref.key(service)} on port ${port}, but access policy ${Ref.key(policy)} denies it to them`,
            fix: `take the gateway out of the deny rule of ${policy.name}, or take the route away`,
          };
        });
      }),
    );
  },
};
