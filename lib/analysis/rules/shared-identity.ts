import { Identity, type Locator, locate, type Model, names } from '../../model';
import type { Rule } from '../rule';

/** Whoever runs as one service account is one caller to everybody else: the right of one would be the right of all. */
export const sharedIdentity: Rule = {
  code: 'MESH0129',
  level: 'error',
  summary: 'every service, workload and proxy has a service account of its own',
  check: ({ model }) => {
    const owners = new Map<string, Runner>();
    return runners(model).flatMap((runner) => {
      const other = owners.get(Identity.key(runner));
      owners.set(Identity.key(runner), other ?? runner);
      if (!other) return [];
      return {
        at: runner.at,
        message: `${runner.by} runs as service account ${Identity.key(runner)}, and so does ${other.by}: the mesh could not tell them apart`,
        fix: 'give one of them a `serviceAccount` of its own',
      };
    });
  },
};

interface Runner extends Identity {
  readonly at: Locator;
  readonly by: string;
}

function runners(model: Model): readonly Runner[] {
  const proxies = (
    kind: 'Gateway' | 'EgressGateway' | 'SharedProxy',
    proxy: names.ProxyKind,
    by: string,
    list: readonly { readonly namespace: string; readonly name: string }[],
  ) =>
    list.map((item): Runner => {
      const serviceAccount = names.proxyObject(proxy, item.name);
      return { at: locate(kind, item), by: `${by} ${item.name}`, namespace: item.namespace, serviceAccount };
    });
  return [
    ...proxies('Gateway', 'gateway', 'gateway', model.gateways),
    ...proxies('EgressGateway', 'egress-gateway', 'egress gateway', model.egressGateways),
    ...proxies('SharedProxy', 'shared-proxy', 'shared proxy', model.sharedProxies),
    ...model.services.map(({ namespace, serviceAccount, name }): Runner => {
      return { at: locate('Service', { namespace, name }), by: `service ${name}`, namespace, serviceAccount };
    }),
    ...model.workloads.map(({ namespace, serviceAccount, name }): Runner => {
      return { at: locate('Workload', { namespace, name }), by: `workload ${name}`, namespace, serviceAccount };
    }),
  ];
}
