import { locate, Ref } from '../../model';
import { splitSites } from '../parts';
import type { Rule } from '../rule';

/** A route to one version alone (for testers) goes its own way; one that divides between them would undo each step. */
export const canaryRoutes: Rule = {
  code: 'MESH0627',
  level: 'error',
  summary: 'no route divides requests between the versions that a canary moves',
  check: ({ model, find }) =>
    splitSites(model).flatMap(({ at, label, backends }) => {
      if (backends.length < 2) return [];
      const services = new Map(backends.map(({ service }) => [Ref.key(service), service]));
      return [...services.values()].flatMap((service) =>
        find.canaries(service).flatMap((canary) => {
          const moved = backends.filter(
            (backend) =>
              Ref.equal(backend.service, service) &&
              (backend.version === canary.stable || backend.version === canary.candidate),
          );
          if (moved.length === 0) return [];
          const versions = moved.map(({ version, weight }) => `${version} ${weight}`).join(', ');
          return {
            at,
            message: `${label}the route gives fixed weights (${versions}) to versions of ${service.name} that canary ${canary.name} moves`,
            fix: `lead the route to ${service.name} as a whole, or leave the canary out (${locate('Canary', canary)})`,
          };
        }),
      );
    }),
};
