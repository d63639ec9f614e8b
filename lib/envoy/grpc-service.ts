import { type Duration, lookup, names } from '../model';
import { type ServiceTarget, serviceClusterName } from './cluster';
import type { Context } from './context';
import { seconds } from './seconds';
import type { Messages } from './types';

/**
 * A service of the mesh that the proxy itself asks over gRPC. It is asked by its host: by default Envoy would write the name of the
 * cluster there, which is no host (`|`), and a proxy refuses it.
 */
export function grpcService(
  { model }: Context,
  target: ServiceTarget,
  timeout: Duration,
): Messages['envoy.config.core.v3.GrpcService'] {
  const service = lookup(model).service(target.service) ?? target.service;
  return {
    envoyGrpc: {
      clusterName: serviceClusterName(target),
      authority: names.qualifiedHost(service, model.mesh.clusterDomain),
    },
    timeout: seconds(timeout),
  };
}
