import type { Fault } from '../../model';
import { any, extension } from '../any';
import type { envoy } from '../generated/types';
import { seconds } from '../seconds';
import type { HttpFilter } from '../types';

type HttpFault = envoy.extensions.filters.http.fault.v3.HTTPFault;

export const faultName = 'envoy.filters.http.fault';
const type = 'envoy.extensions.filters.http.fault.v3.HTTPFault';

/** Does nothing but what the configuration of a route says; requests of a route that says nothing do not meet it. */
export const faultFilter: HttpFilter = { ...extension(faultName, type, {}), disabled: true };

/** Delays and failures of the requests of one rule. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/fault_filter */
export function faultOfRoute({ delay, abort }: Fault) {
  const fault: HttpFault = {
    // Envoy takes no delay of nothing for one.
    ...(delay &&
      delay.duration > 0 && { delay: { fixedDelay: seconds(delay.duration), percentage: share(delay.percent) } }),
    ...(abort && {
      abort: {
        ...(abort.status.kind === 'http' ? { httpStatus: abort.status.status } : { grpcStatus: abort.status.status }),
        percentage: share(abort.percent),
      },
    }),
    // One for each cluster of a caller, which strangers could make up without end.
    disableDownstreamClusterStats: true,
  };
  return any(type, fault);
}

function share(percent: number): envoy.type.v3.FractionalPercent {
  return { numerator: Math.round(percent * 10_000), denominator: 'MILLION' };
}
