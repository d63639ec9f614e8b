import { type AccessRule, names } from '../../model';
import { any, extension } from '../any';
import type { Socket } from '../binding';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import type { Cluster, TypedExtensionConfig } from '../types';
import { discoveredFilter, type NetworkFilter, ofConnections } from './network-rbac';
import type { Access } from './rules';

type AccessLog = envoy.config.accesslog.v3.AccessLog;

/**
 * Keeps the application from whoever may not connect, also where it would speak first. Access control looks at a connection when the
 * first byte of the client comes (https://github.com/envoyproxy/envoy/issues/9023); by then the application has been told of the
 * connection, and the client may have heard all that it wanted. So the proxy connects when it has seen the certificate, and to an
 * address that a filter sets: the application's, or one where nobody is.
 */
export interface Gate {
  /** Before access control: of mutual TLS a resource of its own, which changes with the rules; in plain text everybody passes it. */
  readonly filters: { readonly mutual: NetworkFilter; readonly plain: NetworkFilter };
  readonly resource: TypedExtensionConfig;
  /** Counts whom it has refused among those whom access control has. */
  readonly accessLog: AccessLog;
}

export function gate(
  context: Context,
  name: string,
  { access, application }: { readonly access: Access; readonly application: Socket },
): Gate {
  const resource = `${name}|gate`;
  const address = addressText(application);
  return {
    filters: {
      mutual: discoveredFilter(resource, type),
      plain: extension('envoy.filters.network.set_filter_state', type, { onNewConnection: [destination(address)] }),
    },
    resource: {
      name: resource,
      typedConfig: any(type, {
        onDownstreamTlsHandshake: [
          destination(`%CEL(${passes(context, access)} ? ${text(address)} : ${text(nowhere)})%`),
        ],
      }),
    },
    accessLog: {
      ...extension('envoy.access_loggers.stats', 'envoy.extensions.access_loggers.stats.v3.Config', {
        statsScope: { prefix: name },
        counters: [{ stat: { name: 'rbac.denied' }, valueFixed: 1 }],
      }),
      filter: {
        extensionFilter: {
          name: 'cel',
          typedConfig: any('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', {
            expression: `upstream.address == ${text(nowhere)}`,
          }),
        },
      },
    },
  };
}

/** The application, at the address that the gate sets. */
export function gated(application: Cluster): Cluster {
  const { loadAssignment: _, ...cluster } = application;
  return { ...cluster, type: 'ORIGINAL_DST', lbPolicy: 'CLUSTER_PROVIDED' };
}

const type = 'envoy.extensions.filters.network.set_filter_state.v3.Config';

/** Nothing can listen there. */
const nowhere = '127.0.0.1:0';

function destination(inlineString: string): envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue {
  return {
    objectKey: 'envoy.network.transport_socket.original_dst_address',
    formatString: { textFormatSource: { inlineString } },
  };
}

function addressText({ address, port }: Socket): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Holds for identities that some rule allows and none denies. What depends on addresses is left to access control. */
function passes(context: Context, { allow, deny }: Access): string {
  const allowing = ofConnections(allow);
  const byAddress = allowing.some(({ from }) => from.some(({ kind }) => kind === 'address' || kind === 'outside'));
  const may = byAddress ? [] : [`(${anyOf(allowing.flatMap((rule) => identities(context, rule)))})`];
  const mayNot = ofConnections(deny).flatMap((rule) => identities(context, rule));
  const parts = [...may, ...(mayNot.length > 0 ? [`!(${anyOf(mayNot)})`] : [])];
  return parts.length > 0 ? parts.join(' && ') : 'true';
}

/** Conditions of which one holds for a caller that the rule names by its identity. */
function identities({ model }: Context, { from }: AccessRule): readonly string[] {
  const { trustDomain } = model.mesh;
  if (from.length === 0) return [`${caller}.startsWith(${text(`spiffe://${trustDomain}/`)})`];
  return from.flatMap((source) => {
    if (source.kind === 'identity') return [`${caller} == ${text(names.spiffeId(trustDomain, source))}`];
    if (source.kind === 'namespace') {
      return [`${caller}.startsWith(${text(`spiffe://${trustDomain}/ns/${source.namespace}/`)})`];
    }
    return [];
  });
}

const caller = 'connection.uri_san_peer_certificate';

function anyOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'false' : [...new Set(conditions)].join(' || ');
}

function text(value: string): string {
  return JSON.stringify(value);
}
