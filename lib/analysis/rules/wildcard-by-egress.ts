import { locate } from '../../model';
import type { Rule } from '../rule';

/**
 * On its way to an egress gateway a call is in the mesh's own TLS, whose server name says which external service is meant. Which
 * host of a wildcard is meant would have to be said as well, and nothing there can say it.
 */
export const wildcardByEgress: Rule = {
  code: 'MESH0731',
  level: 'error',
  summary: 'what passes an egress gateway is a whole host name',
  check: ({ model }) =>
    model.externalServices
      .filter(({ host, via }) => via !== undefined && host.startsWith('*'))
      .map((external) => ({
        at: locate('ExternalService', external),
        message: `${external.host} goes by egress gateway ${external.namespace}/${external.via}, which must be told the whole name of a host`,
        fix: 'declare the hosts one by one, or leave `via` out: callers then connect to them straight from their sidecars',
      })),
};
