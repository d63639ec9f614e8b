import { portProtocol, references } from '../parts';
import type { Rule } from '../rule';

export const udpCall: Rule = {
  code: 'MESH0223',
  level: 'error',
  summary: 'no call, route or policy is about a UDP port',
  check: ({ model, find }) =>
    references(model)
      .filter(({ ref, port }) => port !== undefined && portProtocol(find.service(ref)?.ports, port) === 'udp')
      .map(({ at, what, ref, port }) => ({
        at,
        message: `${what} names port ${port} of ${ref.namespace}/${ref.name}, which is UDP: that is not proxied`,
        fix: `name a port of another protocol; who may reach a UDP port is said by an outside port of an AccessPolicy: { port: ${port}, protocol: 'udp' }`,
      })),
};
