import { type Lookup, locate, Port, type Protocol, type Ref } from '../../model';
import { token } from '../form';
import { declaredPolicies, portProtocol } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

export const externalAuthorization: Rule = {
  code: 'MESH0527',
  level: 'error',
  summary: 'services that proxies ask themselves speak what they are asked in',
  check: ({ model, find }) => [
    ...declaredPolicies(model).flatMap((policy): readonly Finding[] => {
      const asked = policy.externalAuthorization;
      if (!asked) return [];
      const at = locate('AccessPolicy', policy);
      const spoken = protocolOf(find, asked.service, asked.port);
      const fits =
        asked.protocol === 'grpc'
          ? spoken === 'grpc' || spoken === 'http2'
          : spoken !== undefined && Port.isHttp(spoken);
      return [
        ...rangeFindings(at, [['externalAuthorization.timeout', asked.timeout, Range.duration(1)]]),
        ...(spoken === undefined || fits
          ? []
          : [
              {
                at,
                message: `externalAuthorization asks ${asked.service.name} in ${asked.protocol}, but port ${asked.port} of it speaks ${spoken}`,
                fix: `name a port that speaks ${asked.protocol}`,
              },
            ]),
        ...asked.headers.flatMap((name) => {
          const refusal = token(name);
          if (refusal === undefined) return [];
          const message = `externalAuthorization.headers holds ${JSON.stringify(name)}: ${refusal}`;
          return [{ at, message, fix: 'write a legal name of a header' }];
        }),
      ];
    }),
    ...model.routes.flatMap((route) =>
      (route.kind === 'http' || route.kind === 'grpc' ? route.rules : []).flatMap(
        ({ rateLimit }): readonly Finding[] => {
          const asked = rateLimit?.global;
          const spoken = asked && protocolOf(find, asked.service, asked.port);
          if (spoken === undefined || spoken === 'grpc' || spoken === 'http2') return [];
          return [
            {
              at: locate('Route', route),
              message: `rateLimit.global asks ${asked?.service.name} in grpc, but port ${asked?.port} of it speaks ${spoken}`,
              fix: 'name a port that speaks grpc',
            },
          ];
        },
      ),
    ),
  ],
};

function protocolOf(find: Lookup, ref: Ref, port: number): Protocol | undefined {
  const external = find.externalService(ref);
  return portProtocol(find.service(ref)?.ports, port) ?? (external?.port === port ? external.protocol : undefined);
}
