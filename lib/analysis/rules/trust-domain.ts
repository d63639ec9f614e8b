import { Late } from '../../model';
import type { Rule } from '../rule';

/** https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md#21-trust-domain */
export const trustDomain: Rule = {
  code: 'MESH0123',
  level: 'error',
  summary: 'the trust domain is one that SPIFFE takes',
  check: ({ model: { mesh } }) => {
    if (Late.is(mesh.trustDomain) || /^[a-z0-9._-]{1,255}$/.test(mesh.trustDomain)) return [];
    return [
      {
        at: `Mesh ${mesh.name}`,
        message: `trustDomain ${JSON.stringify(mesh.trustDomain)} is refused by SPIFFE: it has 1 to 255 lower case letters, digits, '.', '-' and '_'`,
        fix: "give `trustDomain` a name of that form, such as 'shop.example'",
      },
    ];
  },
};
