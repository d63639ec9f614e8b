import { Port } from '../../model';
import { edgeLocator, listed, protocolOf, shown } from '../parts';
import type { Finding, Rule } from '../rule';

/** Where bytes are passed on as they come there is no request to match, to try again or to send twice. */
export const edgeRequests: Rule = {
  code: 'MESH0321',
  level: 'error',
  summary: '`only`, `retries` and `hedging` stand on calls of ports whose requests can be told apart',
  check: (context) =>
    context.model.edges.flatMap((edge): readonly Finding[] => {
      const protocol = protocolOf(context, edge.to, edge.port);
      if (protocol === undefined || protocol === 'udp') return [];
      const target = `port ${edge.port} of ${shown(edge.to, edge.from.namespace)}`;
      if (Port.isHttp(protocol)) {
        if (protocol === 'grpc' || !edge.only.some((match) => match.kind === 'grpc')) return [];
        return [
          {
            at: edgeLocator(edge),
            message: `\`only\` matches gRPC calls, but ${target} speaks ${protocol}`,
            fix: 'match by path, method or header, or declare the port with grpc(…)',
          },
        ];
      }
      const given = [
        ...(edge.only.length > 0 ? ['`only`'] : []),
        ...(edge.retries && edge.retries.attempts !== 0 ? ['`retries`'] : []),
        ...(edge.hedging ? ['`hedging`'] : []),
      ];
      if (given.length === 0) return [];
      return [
        {
          at: edgeLocator(edge),
          message: `the call gives ${listed(given)}, but ${target} speaks ${protocol}, in which requests are not told apart; http, http2 and grpc can`,
          fix: `leave ${listed(given)} out, or declare the port with http(…), http2(…) or grpc(…)`,
        },
      ];
    }),
};
