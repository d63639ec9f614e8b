import { locate } from '../../model';
import { host } from '../form';
import type { Finding, Rule } from '../rule';

export const routeHosts: Rule = {
  code: 'MESH0430',
  level: 'error',
  summary: 'the hosts of a route are DNS names',
  check: ({ model }) =>
    model.routes.flatMap((route) =>
      (route.kind === 'tcp' ? [] : route.hostnames).flatMap((name): readonly Finding[] => {
        const refusal = host(name, 'wildcard');
        if (refusal === undefined) return [];
        const property = route.kind === 'tls' ? 'serverNames' : 'hosts';
        return [
          {
            at: locate('Route', route),
            message: `\`${property}\` holds ${JSON.stringify(name)}: ${refusal}`,
            fix: `write names such as 'shop.example' or '*.shop.example' in \`${property}\``,
          },
        ];
      }),
    ),
};
