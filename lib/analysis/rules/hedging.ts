import { Duration } from '../../model';
import { edgeLocator } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

export const hedging: Rule = {
  code: 'MESH0331',
  level: 'error',
  summary: 'a second request is sent after a while, and before the time of the first is over',
  check: ({ model }) =>
    model.edges.flatMap((edge): readonly Finding[] => {
      if (!edge.hedging) return [];
      const at = edgeLocator(edge);
      const { after, attempts } = edge.hedging;
      const timeout = edge.timeout ?? model.mesh.defaults.timeout;
      return [
        ...rangeFindings(at, [
          ['hedging.after', after, Range.duration(1)],
          ['hedging.attempts', attempts, Range.whole(1, 10)],
        ]),
        ...(timeout > 0 && after >= timeout
          ? [
              {
                at,
                message: `hedging.after is ${Duration.format(after)}, but the request has only ${Duration.format(timeout)}: no second one would be sent`,
                fix: `set \`hedging.after\` to less than ${Duration.format(timeout)}`,
              },
            ]
          : []),
      ];
    }),
};
