import { locate } from '../../model';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

export const replicas: Rule = {
  code: 'MESH0824',
  level: 'error',
  summary: 'the control plane and every proxy that stands by itself run',
  check: ({ model }) => {
    const proxies = [
      ...model.gateways.map((proxy) => [locate('Gateway', proxy), proxy.replicas] as const),
      ...model.egressGateways.map((proxy) => [locate('EgressGateway', proxy), proxy.replicas] as const),
      ...model.sharedProxies.map((proxy) => [locate('SharedProxy', proxy), proxy.replicas] as const),
    ];
    return [
      ...rangeFindings(`Mesh ${model.mesh.name}`, [
        ['controlPlane.replicas', model.mesh.controlPlane.replicas, Range.whole(1)],
        ['proxy.concurrency', model.mesh.proxy.concurrency, Range.whole(1)],
      ]),
      ...proxies.flatMap(([at, count]) => rangeFindings(at, [['replicas', count, Range.whole(1)]])),
    ];
  },
};
