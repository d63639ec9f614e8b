import type { Service } from '../../model';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import type { HttpConnectionManager, HttpFilter, Route } from '../types';
import { denialReplies } from './denial';
import { externalAuthorization } from './external-authorization';
import { httpAccess } from './http-rbac';
import { tokenVerification } from './jwt';
import { type Access, policiesOf } from './rules';

/** All that stands between the callers of a port that speaks HTTP and the application. */
export interface RequestAccess extends Pick<Configuration, 'clusters' | 'assignments' | 'secrets' | 'extensions'> {
  readonly filters: readonly HttpFilter[];
  /** Of every route. */
  readonly config: NonNullable<Route['typedPerFilterConfig']>;
  readonly localReplyConfig: NonNullable<HttpConnectionManager['localReplyConfig']>;
}

export function requestAccess(
  context: Context,
  service: Service,
  { name, access, permissive }: { readonly name: string; readonly access: Access; readonly permissive: boolean },
): RequestAccess {
  const policies = policiesOf(context, service);
  const tokens = tokenVerification(context, name, policies);
  const asked = externalAuthorization(context, name, policies);
  const rules = httpAccess(context, { access, payloads: tokens.payloads, permissive, marks: asked.marks });
  return {
    filters: [tokens.filter.filter, ...rules.filters, asked.filter.filter],
    config: rules.config,
    extensions: [tokens.filter.resource, asked.filter.resource],
    localReplyConfig: denialReplies({
      callee: `${service.name}.${service.namespace}`,
      name: service.name,
      claims: policies.some((policy) => policy.rules.some(({ claims }) => claims.length > 0)),
    }),
    clusters: [...tokens.clusters, ...asked.clusters],
    assignments: [...tokens.assignments, ...asked.assignments],
    secrets: [...tokens.secrets, ...asked.secrets],
  };
}
