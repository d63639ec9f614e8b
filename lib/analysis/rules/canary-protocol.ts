import { type Canary, canaryTarget, locate, Port } from '../../model';
import { listed } from '../parts';
import type { Finding, Rule } from '../rule';

export const canaryProtocol: Rule = {
  code: 'MESH0626',
  level: 'error',
  summary: 'a canary that looks at requests is one of a service whose requests can be told apart',
  check: ({ model, find }) =>
    model.canaries.flatMap((canary): readonly Finding[] => {
      const at = locate('Canary', canary);
      const service = find.service(canaryTarget(canary));
      const needs = asked(canary);
      const empty = canary.strategy.kind === 'abTest' && canary.strategy.matches.length === 0;
      const http = service?.ports.some((port) => Port.isHttp(port.protocol)) ?? true;
      return [
        ...(empty
          ? [
              {
                at,
                message: 'no request is one of the A/B test, because it matches none',
                fix: 'say with `matches` whose requests go to the candidate',
              },
            ]
          : []),
        ...(http || needs.length === 0
          ? []
          : [
              {
                at,
                message: `${listed(needs)} can only be had of requests, but no port of ${canary.service} speaks http, http2 or grpc`,
                fix: 'judge by a query, a webhook or an approval, and divide connections by weight',
              },
            ]),
      ];
    }),
};

function asked({ strategy, gates }: Canary): readonly string[] {
  const kinds = new Set(gates.map((gate) => gate.kind));
  return [
    ...(strategy.kind === 'abTest' ? ['an A/B test'] : []),
    ...(strategy.kind === 'weighted' && strategy.sticky ? ['`sticky`'] : []),
    ...('mirror' in strategy && strategy.mirror ? ['`mirror`'] : []),
    ...(kinds.has('successRate') ? ['a success rate'] : []),
    ...(kinds.has('latency') ? ['a latency'] : []),
  ];
}
