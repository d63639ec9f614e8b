import { Late } from '../../model';
import { splitSites } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

export const weights: Rule = {
  code: 'MESH0421',
  level: 'error',
  summary: 'the weights of a route are percentages that sum to 100',
  check: ({ model }) =>
    splitSites(model).flatMap(({ at, label, backends }) => {
      const outside = backends.flatMap(({ weight }) =>
        rangeFindings(at, [[`${label}weight`, weight, Range.between(0, 100)]]),
      );
      if (backends.length === 0 || outside.length > 0 || backends.some(({ weight }) => Late.is(weight))) return outside;
      const sum = backends.reduce((total, { weight }) => total + weight, 0);
      // Shares of hand-written routes may be thirds.
      if (Math.abs(sum - 100) < 0.01) return [];
      const parts = backends.map(({ service, version, weight }) => `${version ?? service.name} ${weight}`).join(', ');
      return [
        {
          at,
          message: `${label}weights must sum to 100, got ${Math.round(sum * 100) / 100} (${parts})`,
          fix: 'leave one weight out to give it the rest',
        },
      ];
    }),
};
