import { type Identity, lookup, type Member, type Model, names, type Ref } from '../model';

/** A proxy, as far as its configuration depends on it: pods of one workload have the same. */
export type MeshProxy = Sidecar | StandingProxy;

/** Beside one instance of a service or a workload. */
export interface Sidecar {
  readonly kind: 'sidecar';
  readonly member: Member;
}

/** A proxy that stands by itself. */
export interface StandingProxy extends Ref {
  readonly kind: names.ProxyKind;
}

export const MeshProxy = {
  /** `sidecar/service/storefront/reviews/v1`, `gateway/storefront/public`: one key for each configuration. */
  key: (proxy: MeshProxy): string => {
    if (proxy.kind !== 'sidecar') return `${proxy.kind}/${proxy.namespace}/${proxy.name}`;
    const { member } = proxy;
    const version = member.kind === 'service' && member.version !== undefined ? `/${member.version}` : '';
    return `sidecar/${member.kind}/${member.namespace}/${member.name}${version}`;
  },

  /** Whom its certificate names. Absent: the model does not hold what the proxy is of. */
  identity: (model: Model, proxy: MeshProxy): Identity | undefined => {
    if (proxy.kind !== 'sidecar') {
      return { namespace: proxy.namespace, serviceAccount: names.proxyObject(proxy.kind, proxy.name) };
    }
    const { member } = proxy;
    const runner = member.kind === 'service' ? lookup(model).service(member) : lookup(model).workload(member);
    return runner && { namespace: runner.namespace, serviceAccount: runner.serviceAccount };
  },
};
