import { Late, locate, names, Ref } from '../../model';
import { host, isAddress } from '../form';
import type { Finding, Rule } from '../rule';

export const externalHosts: Rule = {
  code: 'MESH0726',
  level: 'error',
  summary: 'an external service is a host outside the mesh, by its DNS name',
  check: ({ model }) => {
    const inside = new Map(
      model.services.map((service) => [names.qualifiedHost(service, model.mesh.clusterDomain), Ref.key(service)]),
    );
    return model.externalServices.flatMap((external): readonly Finding[] => {
      const at = locate('ExternalService', external);
      const refusal = host(external.host, 'wildcard');
      const service = inside.get(external.host) ?? inside.get(`${external.host}.${model.mesh.clusterDomain}`);
      const wrong = (external.addresses ?? []).filter((address) => !Late.is(address) && !isAddress(address));
      return [
        ...(refusal === undefined
          ? []
          : [
              {
                at,
                message: `host is ${JSON.stringify(external.host)}: ${refusal}`,
                fix: "write a name such as 'api.example.com' in `host`, and fixed addresses in `addresses`",
              },
            ]),
        ...(service === undefined
          ? []
          : [
              {
                at,
                message: `host ${external.host} is service ${service} of this mesh`,
                fix: `call the service itself instead of an external service`,
              },
            ]),
        ...wrong.map((address) => ({
          at,
          message: `addresses holds ${JSON.stringify(address)}, which is no IP address`,
          fix: 'write addresses such as 192.0.2.7 or 2001:db8::7, or leave them out to ask DNS',
        })),
        ...(external.host.startsWith('*') && external.addresses !== undefined
          ? [
              {
                at,
                message: `host ${external.host} stands for many hosts, but \`addresses\` are those of one`,
                fix: 'leave `addresses` out, or declare the hosts one by one',
              },
            ]
          : []),
      ];
    });
  },
};
