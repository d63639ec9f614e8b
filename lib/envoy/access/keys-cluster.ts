import { type ExternalService, lookup, type Model, names, type Ref, type Service } from '../../model';
import { clustersOf, externalCluster, type ServiceTarget, serviceClusterName } from '../cluster';
import type { Configuration } from '../configuration';
import type { Context } from '../context';

/** Where the keys of an issuer are fetched: the cluster, and what it needs. */
export interface KeysCluster extends Pick<Configuration, 'clusters' | 'assignments' | 'secrets'> {
  readonly name: string;
}

/** A host of the mesh over its mutual TLS, another as what is declared of it says. Absent: the address is none. */
export function keysCluster(context: Context, uri: string): KeysCluster | undefined {
  const [, scheme, written, given] = /^(https?):\/\/(\[[^\]]+\]|[^/:?#]+)(?::([0-9]+))?/.exec(uri) ?? [];
  if (written === undefined) return undefined;
  const host = written.replace(/^\[|\]$/g, '');
  const port = given === undefined ? (scheme === 'http' ? 80 : 443) : Number(given);
  const inside = serviceAt(context, host);
  if (inside) {
    const target: ServiceTarget = { kind: 'service', service: ref(inside), port };
    return { name: serviceClusterName(target), ...clustersOf(context, [target]) };
  }
  const { cluster, secrets } = externalCluster(
    context,
    external(context.model, { host, port, tls: scheme === 'https' }),
  );
  const name = names.keysCluster(host, port);
  return {
    name,
    clusters: [
      {
        ...cluster,
        name,
        ...(cluster.loadAssignment && { loadAssignment: { ...cluster.loadAssignment, clusterName: name } }),
      },
    ],
    assignments: [],
    secrets,
  };
}

function serviceAt({ model, identity }: Context, host: string): Service | undefined {
  const [name = '', namespace = identity.namespace] = host.split('.');
  const service = lookup(model).service({ namespace, name });
  const known = service && names.hostnames(service, identity.namespace, model.mesh.clusterDomain);
  return known?.includes(host) ? service : undefined;
}

/**
 * The host as the proxy itself speaks to it: where applications bring their own TLS, the proxy must. Straight, because an egress
 * gateway lets pass what applications are declared to call.
 */
function external(
  model: Model,
  { host, port, tls }: { readonly host: string; readonly port: number; readonly tls: boolean },
): ExternalService {
  const declared = model.externalServices.find((one) => one.host === host && one.port === port);
  const originated = declared?.tls.kind === 'originate' ? declared.tls : undefined;
  return {
    namespace: declared?.namespace ?? '',
    name: declared?.name ?? host,
    host,
    port,
    protocol: 'http',
    tls: tls ? (originated ?? { kind: 'originate' }) : (originated ?? { kind: 'none' }),
    ...(declared?.addresses && { addresses: declared.addresses }),
  };
}

function ref({ namespace, name }: Ref): Ref {
  return { namespace, name };
}
