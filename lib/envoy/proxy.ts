import { type Identity, lookup, type Member, type Model, names, type Ref } from '../model';

/** Who takes its configuration from the control plane, as far as that depends on it: pods of one workload have the same. */
export type MeshProxy = EnvoyProxy | Proxyless;

/** A process of Envoy. */
export type EnvoyProxy = Sidecar | StandingProxy;

/** Beside one instance of a service or a workload. */
export interface Sidecar {
  readonly kind: 'sidecar';
  readonly member: Member;
}

/**
 * No proxy: a gRPC application that is a client of xDS itself, and so calls its upstreams without one.
 * https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 */
export interface Proxyless {
  readonly kind: 'proxyless';
  readonly member: Member;
}

/** A proxy that stands by itself. */
export interface StandingProxy extends Ref {
  readonly kind: names.ProxyKind;
}

export const MeshProxy = {
  /** `sidecar/service/storefront/reviews/v1`, `proxyless/workload/storefront/load`, `gateway/storefront/public`: one key for each configuration. */
  key: (proxy: MeshProxy): string => {
    if (!('member' in proxy)) return `${proxy.kind}/${proxy.namespace}/${proxy.name}`;
    const { kind, member } = proxy;
    const version = member.kind === 'service' && member.version !== undefined ? `/${member.version}` : '';
    return `${kind}/${member.kind}/${member.namespace}/${member.name}${version}`;
  },

  /** Whom its certificate names. Absent: the model does not hold what the proxy is of. */
  identity: (model: Model, proxy: MeshProxy): Identity | undefined => {
    if (!('member' in proxy)) {
      return { namespace: proxy.namespace, serviceAccount: names.proxyObject(proxy.kind, proxy.name) };
    }
    const { member } = proxy;
    const runner = member.kind === 'service' ? lookup(model).service(member) : lookup(model).workload(member);
    return runner && { namespace: runner.namespace, serviceAccount: runner.serviceAccount };
  },
};
