import { locate } from '../../model';
import { host } from '../form';
import type { Rule } from '../rule';

export const gatewayHosts: Rule = {
  code: 'MESH0720',
  level: 'error',
  summary: 'the hosts of a gateway are DNS names',
  check: ({ model }) =>
    model.gateways.flatMap((gateway) =>
      gateway.listeners.flatMap((listener) => {
        const refusal = listener.host === undefined ? undefined : host(listener.host, 'wildcard');
        if (refusal === undefined) return [];
        return {
          at: locate('Gateway', gateway),
          message: `listener ${listener.name} has host ${JSON.stringify(listener.host)}: ${refusal}`,
          fix: "write a name such as 'shop.example' or '*.shop.example', or leave it out to answer to any",
        };
      }),
    ),
};
