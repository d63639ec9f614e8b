import { type Locator, locate, type Ref } from '../../model';
import { references } from '../parts';
import type { Rule } from '../rule';

export const unknownVersion: Rule = {
  code: 'MESH0222',
  level: 'error',
  summary: 'every version that something names is a version of the service',
  check: ({ model, find, pods }) => {
    const ofPods = pods.flatMap(({ member, object }) =>
      member.kind === 'service'
        ? [{ at: locate('Service', member), what: object, ref: member, version: member.version }]
        : [],
    );
    const named: readonly { at: Locator; what: string; ref: Ref; version?: string }[] = [
      ...references(model),
      ...ofPods,
    ];
    return named.flatMap(({ at, what, ref, version }) => {
      const service = find.service(ref);
      if (version === undefined || !service || service.versions.some((one) => one.name === version)) return [];
      const all = service.versions.map((one) => one.name).join(', ');
      return {
        at,
        message: `${what} names version ${version} of ${ref.namespace}/${ref.name}, ${all ? `whose versions are: ${all}` : 'which has no versions'}`,
        fix: `name one of its versions, or add it: addVersion('${version}', …)`,
      };
    });
  },
};
