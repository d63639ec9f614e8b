import { locate, Port, policyTarget } from '../../model';
import { declaredPolicies, ruleLabel } from '../parts';
import type { Finding, Rule } from '../rule';

/**
 * What only a request has cannot be asked of a connection: such a deny would refuse every connection, such an allow none
 * would meet.
 */
export const accessRequests: Rule = {
  code: 'MESH0524',
  level: 'error',
  summary: 'paths, methods, headers and claims are asked only on ports whose requests can be told apart',
  check: ({ model, find }) =>
    declaredPolicies(model).flatMap((policy) => {
      const service = find.service(policyTarget(policy));
      if (!service) return [];
      const at = locate('AccessPolicy', policy);
      return policy.rules.flatMap((rule, index): readonly Finding[] => {
        const asked = [
          ...(rule.requests.some((match) => match.kind === 'http') ? ['`requests`'] : []),
          ...(rule.claims.length > 0 ? ['`claims`'] : []),
        ];
        const grpc = rule.requests.some((match) => match.kind === 'grpc');
        if (asked.length === 0 && !grpc) return [];
        const ports = service.ports.filter(
          (port) => port.protocol !== 'udp' && (rule.ports.length === 0 || rule.ports.includes(port.port)),
        );
        const needs = grpc ? 'grpc' : 'http, http2 or grpc';
        const wrong = ports.filter((port) => (grpc ? port.protocol !== 'grpc' : !Port.isHttp(port.protocol)));
        if (wrong.length === 0) return [];
        const right = service.ports.filter((port) => (grpc ? port.protocol === 'grpc' : Port.isHttp(port.protocol)));
        const what = grpc ? '`requests` of gRPC' : asked.join(' and ');
        return [
          {
            at,
            message: `${ruleLabel(policy.rules, index)}${what} can only be asked on a port of ${needs}, but the rule is also about ${wrong.map((port) => `port ${port.port} (${port.protocol})`).join(', ')}`,
            fix:
              right.length > 0
                ? `name its other ports: ports: [${right.map((port) => port.port).join(', ')}]`
                : `leave ${what} out, and allow or deny by caller alone`,
          },
        ];
      });
    }),
};
