import { locate } from '../../model';
import type { Rule } from '../rule';

export const certificateHosts: Rule = {
  code: 'MESH0730',
  level: 'error',
  summary: 'a certificate that is ordered from an issuer is for a host',
  check: ({ model }) =>
    model.gateways.flatMap((gateway) =>
      gateway.listeners
        .filter(({ host, tls }) => tls?.kind === 'certManager' && host === undefined)
        .map(({ name }) => ({
          at: locate('Gateway', gateway),
          message: `listener ${name} has its certificate from an issuer, and no host that it could be for`,
          fix: 'name the hosts (`hosts`, or `host` of the listener), or give a `secret`',
        })),
    ),
};
