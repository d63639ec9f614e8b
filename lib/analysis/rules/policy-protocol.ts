import { locate, Port, type Protocol, policyTarget, type TrafficPolicy } from '../../model';
import type { Rule } from '../rule';

export const policyProtocol: Rule = {
  code: 'MESH0523',
  level: 'error',
  summary: 'a traffic policy asks for nothing that the protocol of its ports does not have',
  check: ({ model, find }) =>
    model.trafficPolicies.flatMap((policy) => {
      const service = find.service(policyTarget(policy));
      if (!service) return [];
      const ports = service.ports.filter((port) => policy.port === undefined || port.port === policy.port);
      const protocols = [...new Set(ports.map((port) => port.protocol))].filter((protocol) => protocol !== 'udp');
      if (protocols.length === 0) return [];
      return asked(policy)
        .filter(([, fits]) => !protocols.some(fits))
        .map(([property, , needs]) => ({
          at: locate('TrafficPolicy', policy),
          message: `\`${property}\` needs ${needs}, but ${policy.port === undefined ? policy.service : `port ${policy.port} of ${policy.service}`} speaks ${protocols.join(', ')}`,
          fix: `leave \`${property}\` out, or declare the port with the protocol that is spoken on it`,
        }));
    }),
};

type Asked = readonly [property: string, fits: (protocol: Protocol) => boolean, needs: string];

function asked({ loadBalancing, limits, healthCheck, connection }: TrafficPolicy): readonly Asked[] {
  const requests = 'requests that can be told apart (http, http2, grpc)';
  const hashed = loadBalancing?.kind === 'ringHash' || loadBalancing?.kind === 'maglev' ? loadBalancing.by : [];
  const byRequest = hashed.length > 0 && hashed.every((key) => key.kind !== 'sourceAddress');
  const found: Asked[] = [];
  if (byRequest) found.push(['loadBalancing.by', Port.isHttp, requests]);
  if (limits?.maxPendingRequests !== undefined) found.push(['limits.maxPendingRequests', Port.isHttp, requests]);
  if (limits?.maxRequests !== undefined) found.push(['limits.maxRequests', Port.isHttp, requests]);
  if (limits?.maxRequestsPerConnection !== undefined)
    found.push(['limits.maxRequestsPerConnection', Port.isHttp, requests]);
  if (healthCheck?.kind === 'http')
    found.push(['healthCheck', (protocol) => protocol === 'http' || protocol === 'http2', 'http or http2']);
  if (healthCheck?.kind === 'grpc') found.push(['healthCheck', (protocol) => protocol === 'grpc', 'grpc']);
  if (connection?.http2KeepAlive) found.push(['connection.http2KeepAlive', Port.isHttp, requests]);
  return found;
}
