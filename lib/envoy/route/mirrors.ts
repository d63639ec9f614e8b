import { serviceClusterName } from '../cluster/service';
import type { Route } from '../types';
import type { MirrorTarget } from './split';

type Mirrors = Pick<NonNullable<Route['route']>, 'requestMirrorPolicies'>;

/** Copies of requests, with the host that they are for; what comes back is thrown away. */
export function mirroring(mirrors: readonly MirrorTarget[]): Mirrors {
  if (mirrors.length === 0) return {};
  return {
    requestMirrorPolicies: mirrors.map(({ target, percent }) => ({
      cluster: serviceClusterName(target),
      ...(percent < 100 && {
        runtimeFraction: { defaultValue: { numerator: Math.round(percent * 10_000), denominator: 'MILLION' } },
      }),
      // Envoy would call the copy's host `<host>-shadow`, which the application does not know.
      disableShadowHostSuffixAppend: true,
    })),
  };
}
