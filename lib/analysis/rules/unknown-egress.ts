import { locate, Ref } from '../../model';
import type { Rule } from '../rule';

export const unknownEgress: Rule = {
  code: 'MESH0728',
  level: 'error',
  summary: 'every egress gateway that an external service names is declared in its namespace',
  check: ({ model }) => {
    const known = new Set(model.egressGateways.map(Ref.key));
    return model.externalServices
      .filter(({ namespace, via }) => via !== undefined && !known.has(`${namespace}/${via}`))
      .map((external) => ({
        at: locate('ExternalService', external),
        message: `via names egress gateway ${external.namespace}/${external.via}, which is not declared`,
        fix: `declare it in namespace ${external.namespace}: new EgressGateway(chart, '${external.via}')`,
      }));
  },
};
