import { Duration } from '../../model';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

const minute = 60_000;

export const certificates: Rule = {
  code: 'MESH0823',
  level: 'error',
  summary: 'certificates of proxies live at least five minutes, and end before those that signed them',
  check: ({ model: { mesh } }) => {
    const { lifetime, root } = mesh.certificates;
    const at = `Mesh ${mesh.name}` as const;
    const findings = rangeFindings(at, [
      // A shorter one would be renewed while the one before is still being delivered.
      ['certificates.lifetime', lifetime, Range.duration(5 * minute)],
      ['certificates.root.lifetime', root.kind === 'secret' ? undefined : root.lifetime, Range.duration(5 * minute)],
    ]);
    if (findings.length > 0 || root.kind === 'secret' || lifetime < root.lifetime) return findings;
    return [
      {
        at,
        message: `certificates.lifetime is ${Duration.format(lifetime)}, not shorter than the ${Duration.format(root.lifetime)} of the root that signs them`,
        fix: `set \`certificates.lifetime\` to less than ${Duration.format(root.lifetime)}, best to a small part of it`,
      },
    ];
  },
};
