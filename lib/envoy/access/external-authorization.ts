import { type AccessPolicy, type ExternalAuthorization, lookup, names } from '../../model';
import { extension } from '../any';
import { clustersOf, type ServiceTarget, serviceClusterName } from '../cluster';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import { seconds } from '../seconds';
import type { HttpFilter, Route } from '../types';
import { filterNames, perRoute, rbacFilter } from './http-rbac';
import { permissionsOf } from './permission';

type ExtAuthz = envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;

export interface Authorization extends Pick<Configuration, 'clusters' | 'assignments' | 'secrets'> {
  readonly filters: readonly HttpFilter[];
  readonly config: NonNullable<Route['typedPerFilterConfig']>;
}

/** Asks another service about each request that access control has let pass. */
export function externalAuthorization(context: Context, policies: readonly AccessPolicy[]): Authorization {
  const declared = policies.flatMap((policy) => policy.externalAuthorization ?? [])[0];
  const { clusters, assignments, secrets } = clustersOf(context, declared ? [target(declared)] : []);
  // A service that is not there can be asked as little as one that does not answer: the filter stays.
  if (!declared) return { filters: [], config: {}, clusters, assignments, secrets };
  const some = declared.requests.length > 0;
  return {
    filters: [
      ...(some ? [rbacFilter(filterNames.ask)] : []),
      extension('envoy.filters.http.ext_authz', 'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
        ...(declared.protocol === 'grpc' ? overGrpc(declared) : overHttp(context, declared)),
        transportApiVersion: 'V3',
        failureModeAllow: declared.onFailure === 'allow',
        allowedHeaders: { patterns: shown(declared).map((exact) => ({ exact, ignoreCase: true })) },
        // What it adds to a request must be legal, whoever has made it up.
        validateMutations: true,
        ...(some && { filterEnabledMetadata: asked }),
      }),
    ],
    config: some ? { [filterNames.ask]: whatIsAsked(declared) } : {},
    clusters,
    assignments,
    secrets,
  };
}

function target({ service, port }: ExternalAuthorization): ServiceTarget {
  return { kind: 'service', service, port };
}

function overGrpc(declared: ExternalAuthorization): ExtAuthz {
  return {
    grpcService: {
      envoyGrpc: { clusterName: serviceClusterName(target(declared)) },
      timeout: seconds(declared.timeout),
    },
  };
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
 * Which requests are asked about is said by a filter of access control that enforces nothing: it leaves the name of what has matched,
 * and the other filter looks for that.
 */
const prefix = 'ask_';
const policy = 'asked';
const rbacMetadata = 'envoy.filters.http.rbac';

const asked: NonNullable<ExtAuthz['filterEnabledMetadata']> = {
  filter: rbacMetadata,
  path: [{ key: `${prefix}shadow_effective_policy_id` }],
  value: { stringMatch: { exact: policy } },
};

function whatIsAsked({ requests }: ExternalAuthorization) {
  return perRoute({
    shadowRules: {
      action: 'ALLOW',
      policies: { [policy]: { permissions: permissionsOf(requests, undefined), principals: [{ any: true }] } },
    },
    shadowRulesStatPrefix: prefix,
  });
}
