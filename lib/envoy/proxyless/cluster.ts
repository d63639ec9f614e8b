import { lookup, names } from '../../model';
import { extension } from '../any';
import { isPermissive, type ServiceTarget, servedAs, serviceCluster } from '../cluster';
import type { Assignment } from '../configuration';
import type { Context } from '../context';
import type { Cluster, TransportSocket } from '../types';

/**
 * As much of a cluster as gRPC's clients know. They take turns where another policy than a hash is declared, and of failing instances they
 * leave out those whose rate of success is low, if that is declared; failures in a row they do not count.
 *
 * https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md (endpoints), A32 (limit of requests),
 * A42 (ring hash), A50 (outlier detection)
 */
export function grpcCluster(
  context: Context,
  target: ServiceTarget,
): { readonly cluster: Cluster; readonly assignment: Assignment } | undefined {
  const made = serviceCluster(context, target);
  if (!made) return undefined;
  const { name, type, edsClusterConfig, lbPolicy, ringHashLbConfig, circuitBreakers, outlierDetection } = made.cluster;
  const hashed = lbPolicy === 'RING_HASH' || lbPolicy === 'MAGLEV';
  return {
    cluster: {
      name: name ?? '',
      type: type ?? 'EDS',
      ...(edsClusterConfig && { edsClusterConfig }),
      lbPolicy: hashed ? 'RING_HASH' : 'ROUND_ROBIN',
      ...(ringHashLbConfig && { ringHashLbConfig }),
      ...requestLimit(circuitBreakers),
      ...bySuccessRate(outlierDetection),
      ...security(context, target),
    },
    assignment: made.assignment.kind === 'service' ? { ...made.assignment, weighted: true } : made.assignment,
  };
}

function requestLimit(breakers: Cluster['circuitBreakers']): Pick<Cluster, 'circuitBreakers'> {
  const thresholds = (breakers?.thresholds ?? []).flatMap(({ maxRequests }) =>
    maxRequests === undefined ? [] : { maxRequests },
  );
  return thresholds.length > 0 ? { circuitBreakers: { thresholds } } : {};
}

function bySuccessRate(declared: Cluster['outlierDetection']): Pick<Cluster, 'outlierDetection'> {
  const { enforcingSuccessRate, successRateStdevFactor, successRateMinimumHosts, successRateRequestVolume } =
    declared ?? {};
  if (!declared || !enforcingSuccessRate || successRateStdevFactor === undefined) return {};
  const { interval, baseEjectionTime, maxEjectionPercent } = declared;
  return {
    outlierDetection: {
      ...(interval !== undefined && { interval }),
      ...(baseEjectionTime !== undefined && { baseEjectionTime }),
      ...(maxEjectionPercent !== undefined && { maxEjectionPercent }),
      enforcingSuccessRate,
      successRateStdevFactor,
      ...(successRateMinimumHosts !== undefined && { successRateMinimumHosts }),
      ...(successRateRequestVolume !== undefined && { successRateRequestVolume }),
    },
  };
}

/**
 * The client finds its certificate and the roots of the mesh where its own bootstrap says, under this name of a provider of certificates.
 * Which are to be proven it is told in the one field that all clients know, which Envoy itself has another for by now. While a
 * service takes plain text too, it is called in plain text: clients cannot tell its instances apart.
 *
 * https://github.com/grpc/proposal/blob/master/A29-xds-tls-security.md
 */
function security({ model }: Context, { service: ref }: ServiceTarget): Pick<Cluster, 'transportSocket'> {
  const find = lookup(model);
  const service = find.service(ref);
  if (!service || isPermissive(model, service)) return {};
  const exact = names.spiffeId(model.mesh.trustDomain, servedAs(find, service));
  const transportSocket: TransportSocket = extension(
    'envoy.transport_sockets.tls',
    'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    {
      commonTlsContext: {
        tlsCertificateProviderInstance: { instanceName },
        validationContext: {
          caCertificateProviderInstance: { instanceName },
          matchSubjectAltNames: [{ exact }],
        },
      },
    },
  );
  return { transportSocket };
}

/** Of `certificate_providers` in the bootstrap of a client. */
const instanceName = 'default';
