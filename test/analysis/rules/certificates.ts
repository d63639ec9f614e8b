import type { RootOfTrust } from '../../../lib/model';
import { mesh } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

const certified = (lifetime: number, root: RootOfTrust) => shop({ mesh: mesh({ certificates: { lifetime, root } }) });

export const cases: Cases = {
  valid: { model: certified(300_000, { kind: 'secret', name: 'root' }) },
  invalid: [
    {
      name: 'too short',
      model: certified(299_999, { kind: 'generated', lifetime: 1_000 }),
      findings: [
        {
          at: 'Mesh mesh',
          message: 'certificates.lifetime must be a duration of at least 5m, got 4m59s999ms',
          fix: 'set `certificates.lifetime` to a duration of at least 5m',
        },
        {
          at: 'Mesh mesh',
          message: 'certificates.root.lifetime must be a duration of at least 5m, got 1s',
          fix: 'set `certificates.root.lifetime` to a duration of at least 5m',
        },
      ],
    },
    {
      name: 'longer than the root',
      model: certified(86_400_000, { kind: 'generated', lifetime: 86_400_000 }),
      findings: [
        {
          at: 'Mesh mesh',
          message: 'certificates.lifetime is 24h, not shorter than the 24h of the root that signs them',
          fix: 'set `certificates.lifetime` to less than 24h, best to a small part of it',
        },
      ],
    },
  ],
};
