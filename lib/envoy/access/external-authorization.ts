import { type AccessPolicy, type ExternalAuthorization, lookup, names } from '../../model';
import { any } from '../any';
import { clustersOf, type ServiceTarget, serviceClusterName } from '../cluster';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import { grpcService } from '../grpc-service';
import { type DiscoveredFilter, discoveredFilter } from '../http/discovered-filter';
import { seconds } from '../seconds';
import type { RbacFilter } from './http-rbac';
import { permissionsOf } from './permission';

type ExtAuthz = envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;

export interface Authorization extends Pick<Configuration, 'clusters' | 'assignments' | 'secrets'> {
  readonly filter: DiscoveredFilter;
  /** Rules that mark what is asked about; absent where everything is. */
  readonly marks?: RbacFilter;
}

/** Asks another service about each request that access control has let pass. */
export function externalAuthorization(
  context: Context,
  listener: string,
  policies: readonly AccessPolicy[],
): Authorization {
  const declared = policies.flatMap((policy) => policy.externalAuthorization ?? [])[0];
  const some = declared !== undefined && declared.requests.length > 0;
  return {
    filter: discoveredFilter(
      'envoy.filters.http.ext_authz',
      listener,
      filterType,
      declared &&
        any(filterType, {
          ...(declared.protocol === 'grpc' ? overGrpc(context, declared) : overHttp(context, declared)),
          transportApiVersion: 'V3',
          failureModeAllow: declared.onFailure === 'allow',
          allowedHeaders: { patterns: shown(declared).map((exact) => ({ exact, ignoreCase: true })) },
          // What it adds to a request must be legal, whoever has made it up.
          validateMutations: true,
          ...(some && { filterEnabledMetadata: asked }),
        }),
    ),
    ...(some && { marks: marksOf(declared) }),
    ...clustersOf(context, declared ? [target(declared)] : []),
  };
}

const filterType = 'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz';

function target({ service, port }: ExternalAuthorization): ServiceTarget {
  return { kind: 'service', service, port };
}

function overGrpc(context: Context, declared: ExternalAuthorization): ExtAuthz {
  return { grpcService: grpcService(context, target(declared), declared.timeout) };
}

/** It is asked with the method and the path of the request itself. */
function overHttp(context: Context, declared: ExternalAuthorization): ExtAuthz {
  const service = lookup(context.model).service(declared.service) ?? declared.service;
  const host = names.qualifiedHost(service, context.model.mesh.clusterDomain);
  return {
    httpService: {
      serverUri: {
        uri: `http://${host}:${declared.port}`,
        cluster: serviceClusterName(target(declared)),
        timeout: seconds(declared.timeout),
      },
    },
    // Over HTTP Envoy shows it unasked.
    ...(!shown(declared).includes('authorization') && {
      disallowedHeaders: { patterns: [{ exact: 'authorization', ignoreCase: true }] },
    }),
  };
}

/** Of no list at all Envoy would show every header. */
function shown({ headers }: ExternalAuthorization): readonly string[] {
  return [':method', ':path', ':authority', ...headers.map((header) => header.toLowerCase())];
}

/**
 * Which requests are asked about is said by rules of access control that enforce nothing: they leave the name of what has matched, and
 * the filter looks for that.
 */
const prefix = 'ask_';
const policy = 'asked';
const rbacMetadata = 'envoy.filters.http.rbac';

const asked: NonNullable<ExtAuthz['filterEnabledMetadata']> = {
  filter: rbacMetadata,
  path: [{ key: `${prefix}shadow_effective_policy_id` }],
  value: { stringMatch: { exact: policy } },
};

function marksOf({ requests }: ExternalAuthorization): RbacFilter {
  return {
    shadowRules: {
      action: 'ALLOW',
      policies: { [policy]: { permissions: permissionsOf(requests, undefined), principals: [{ any: true }] } },
    },
    shadowRulesStatPrefix: prefix,
  };
}
