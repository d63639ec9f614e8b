import { locate, policyTarget } from '../../model';
import { declaredPolicies } from '../parts';
import type { Finding, Rule } from '../rule';

/** A port is either reached through the sidecar, where callers are checked, or past it. */
export const outsidePorts: Rule = {
  code: 'MESH0529',
  level: 'error',
  summary: 'ports outside the mesh are no ports of the service, and each is named once',
  check: ({ model, find }) => {
    const owners = new Map<string, string>();
    return declaredPolicies(model).flatMap((policy) =>
      policy.outsidePorts.flatMap((outside): readonly Finding[] => {
        const at = locate('AccessPolicy', policy);
        const service = find.service(policyTarget(policy));
        const shared = service?.ports.find(
          (port) => port.targetPort === outside.port && port.protocol !== 'udp' && outside.protocol === 'tcp',
        );
        const key = `${policy.namespace}/${policy.service} ${outside.port} ${outside.protocol}`;
        const other = owners.get(key);
        owners.set(key, other ?? policy.name);
        return [
          ...(shared
            ? [
                {
                  at,
                  message: `outside port ${outside.port} is what port ${shared.port} of ${policy.service} leads to: it cannot be in the mesh and outside of it`,
                  fix: 'leave it out of the outside ports, and allow its callers by a rule; those without a sidecar with `outside`',
                },
              ]
            : []),
          ...(other === undefined
            ? []
            : [
                {
                  at,
                  message: `outside port ${outside.port} of ${policy.service} is named twice, in ${other === policy.name ? `${policy.name} alone` : `${other} and ${policy.name}`}`,
                  fix: 'name it once, with everybody who may reach it',
                },
              ]),
        ];
      }),
    );
  },
};
