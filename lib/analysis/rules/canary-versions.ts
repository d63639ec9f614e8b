import { locate } from '../../model';
import type { Rule } from '../rule';

export const canaryVersions: Rule = {
  code: 'MESH0620',
  level: 'error',
  summary: 'a canary leads from one version to another',
  check: ({ model }) =>
    model.canaries
      .filter(({ stable, candidate }) => stable === candidate)
      .map((canary) => ({
        at: locate('Canary', canary),
        message: `stable and candidate are the same version, ${canary.stable}`,
        fix: 'name another version as `candidate`',
      })),
};
