import { locate } from '../../model';
import { splitSites } from '../parts';
import type { Finding, Rule } from '../rule';

export const routeTargets: Rule = {
  code: 'MESH0429',
  level: 'error',
  summary: 'a route is attached to something and leads somewhere',
  check: ({ model }) => [
    ...model.routes.flatMap((route): readonly Finding[] => {
      const at = locate('Route', route);
      const empty = (route.kind === 'http' || route.kind === 'grpc') && route.rules.length === 0;
      return [
        ...(route.parents.length === 0
          ? [
              {
                at,
                message: `route ${route.name} is attached to nothing`,
                fix: 'name a service or a gateway as its parent',
              },
            ]
          : []),
        ...(empty ? [{ at, message: `route ${route.name} has no rule`, fix: 'give it a rule, or leave it out' }] : []),
      ];
    }),
    ...splitSites(model)
      .filter(({ route, backends }) => {
        const stays = route.kind === 'http' || route.kind === 'grpc';
        return backends.length === 0 && (!stays || route.parents.some((parent) => parent.kind === 'gateway'));
      })
      .map(({ at, label, route }) => ({
        at,
        message: `${label}route ${route.name} does not say where it leads`,
        fix: 'give it a service with `to`',
      })),
  ],
};
