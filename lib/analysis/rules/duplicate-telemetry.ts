import { locate, policyTarget, Ref } from '../../model';
import type { Rule } from '../rule';

export const duplicateTelemetry: Rule = {
  code: 'MESH0822',
  level: 'error',
  summary: 'a service has one telemetry of its own',
  check: ({ model }) => {
    const owners = new Map<string, string>();
    return model.telemetries.flatMap((telemetry) => {
      const key = Ref.key(policyTarget(telemetry));
      const other = owners.get(key);
      owners.set(key, other ?? telemetry.name);
      if (other === undefined || other === telemetry.name) return [];
      return {
        at: locate('Telemetry', telemetry),
        message: `telemetry ${telemetry.name} is about ${telemetry.service}, and so is telemetry ${other}`,
        fix: 'join the two',
      };
    });
  },
};
