import type { RuleActions } from '../../model';
import { token } from '../form';
import { ruleSites } from '../parts';
import { Range, type RangeCheck, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

export const routeBehaviour: Rule = {
  code: 'MESH0427',
  level: 'error',
  summary: 'mirrors, faults, session affinity and rate limits of a route are within what the proxy takes',
  check: ({ model }) =>
    ruleSites(model).flatMap(({ at, label, rule }) => {
      const checks = ranges(rule).map(([property, value, range]): RangeCheck => [`${label}${property}`, value, range]);
      const others = [...affinityProblems(rule), ...faultProblems(rule), ...rateLimitProblems(rule)];
      return [
        ...rangeFindings(at, checks),
        ...others.map(([message, fix]) => ({ at, message: `${label}${message}`, fix })),
      ];
    }),
};

type Problem = readonly [message: Finding['message'], fix: Finding['fix']];

function ranges({ mirrors, fault, sessionAffinity, rateLimit }: RuleActions): readonly RangeCheck[] {
  const status = fault?.abort?.status;
  return [
    ...(mirrors ?? []).map((mirror): RangeCheck => ['mirror.percent', mirror.percent, Range.between(0, 100)]),
    ['fault.delay.percent', fault?.delay?.percent, Range.between(0, 100)],
    ['fault.delay.duration', fault?.delay?.duration, Range.duration(1)],
    ['fault.abort.percent', fault?.abort?.percent, Range.between(0, 100)],
    ['fault.abort.status', status?.kind === 'http' ? status.status : undefined, Range.whole(200, 599)],
    // 0 is success. https://grpc.io/docs/guides/status-codes/
    ['fault.abort.grpcStatus', status?.kind === 'grpc' ? status.status : undefined, Range.whole(1, 16)],
    [
      'sessionAffinity.ttl',
      sessionAffinity?.kind === 'cookie' ? sessionAffinity.ttl : undefined,
      Range.duration(1_000),
    ],
    ['rateLimit.local.requests', rateLimit?.local?.requests, Range.whole(1, 4_294_967_295)],
    // Envoy's token bucket is filled no more often than every 50 ms.
    ['rateLimit.local.per', rateLimit?.local?.per, Range.duration(50)],
    ['rateLimit.local.burst', rateLimit?.local?.burst, Range.whole(0, 4_294_967_295)],
  ];
}

function affinityProblems({ sessionAffinity }: RuleActions): readonly Problem[] {
  const refusal = sessionAffinity && token(sessionAffinity.name);
  if (!sessionAffinity || refusal === undefined) return [];
  const { kind, name } = sessionAffinity;
  return [
    [
      `sessionAffinity.${kind} is ${JSON.stringify(name)}: ${refusal}`,
      `write a legal name in \`sessionAffinity.${kind}\``,
    ],
  ];
}

function faultProblems({ fault }: RuleActions): readonly Problem[] {
  if (!fault || fault.delay || fault.abort) return [];
  return [['`fault` neither delays nor aborts', 'give `fault` a `delay` or an `abort`, or leave it out']];
}

function rateLimitProblems({ rateLimit }: RuleActions): readonly Problem[] {
  if (!rateLimit) return [];
  const { local, global } = rateLimit;
  if (!local && !global)
    return [['`rateLimit` limits nothing', 'give `rateLimit` a `local` or a `global` limit, or leave it out']];
  const problems: Problem[] = [];
  if (global?.domain === '')
    problems.push(['rateLimit.global.domain is empty', 'name the domain that the rate limit service knows']);
  if (global?.descriptors.length === 0) {
    problems.push([
      'rateLimit.global.descriptors is empty, so nothing would be counted',
      'say what is counted in `descriptors`',
    ]);
  }
  for (const descriptor of global?.descriptors ?? []) {
    if ('key' in descriptor && descriptor.key === '') {
      problems.push(['a descriptor of rateLimit.global has an empty key', 'give each descriptor a `key`']);
    }
    const refusal = descriptor.kind === 'header' ? token(descriptor.header) : undefined;
    if (descriptor.kind === 'header' && refusal !== undefined) {
      problems.push([
        `a descriptor of rateLimit.global names header ${JSON.stringify(descriptor.header)}: ${refusal}`,
        'write a legal name of a header',
      ]);
    }
  }
  return problems;
}
