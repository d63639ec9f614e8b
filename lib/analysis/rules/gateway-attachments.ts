import { type Gateway, type GatewayListener, locate, type Model, Ref, type Route } from '../../model';
import type { Finding, Rule } from '../rule';

/** What a route of a kind can be attached to. */
const fitting: { readonly [kind in Route['kind']]: readonly GatewayListener['protocol'][] } = {
  http: ['http', 'https'],
  grpc: ['http', 'https'],
  tls: ['tls'],
  tcp: ['tcp'],
};

export const gatewayAttachments: Rule = {
  code: 'MESH0723',
  level: 'error',
  summary: 'a route of a gateway is attached to a listener that is there, admits it and can answer to it',
  check: ({ model }) => {
    const gateways = gatewaysByKey(model);
    return model.routes.flatMap((route) =>
      route.parents.flatMap((parent): readonly Finding[] => {
        if (parent.kind !== 'gateway') return [];
        const at = locate('Route', route);
        const gateway = gateways.get(Ref.key(parent));
        if (!gateway) {
          const message = `route ${route.name} is attached to gateway ${Ref.key(parent)}, which is not declared`;
          return [{ at, message, fix: `declare it: new Gateway(chart, '${parent.name}', …)` }];
        }
        const listeners = gateway.listeners.filter(
          ({ name }) => parent.listener === undefined || name === parent.listener,
        );
        if (listeners.length === 0 && parent.listener !== undefined) {
          const all = gateway.listeners.map(({ name }) => name).join(', ') || 'none';
          const message = `route ${route.name} names listener ${parent.listener} of gateway ${gateway.name}, whose listeners are: ${all}`;
          return [{ at, message, fix: 'name one of them, or none to be attached to all' }];
        }
        const problem = refusal(route, gateway, listeners);
        return problem ? [{ at, ...problem }] : [];
      }),
    );
  },
};

function refusal(
  route: Route,
  gateway: Gateway,
  listeners: readonly GatewayListener[],
): Pick<Finding, 'message' | 'fix'> | undefined {
  if (listeners.length === 0) return undefined;
  const speaking = listeners.filter(({ protocol }) => fitting[route.kind].includes(protocol));
  const named = listeners.map(({ name, protocol }) => `${name} (${protocol})`).join(', ');
  if (speaking.length === 0) {
    return {
      message: `route ${route.name} is one of ${route.kind}, but is attached to ${named} of gateway ${gateway.name}; it fits ${fitting[route.kind].join(' and ')}`,
      fix: `attach it to a listener of ${fitting[route.kind].join(' or ')}`,
    };
  }
  const admitting = speaking.filter(({ routesFrom }) =>
    (routesFrom.length === 0 ? [gateway.namespace] : routesFrom).includes(route.namespace),
  );
  if (admitting.length === 0) {
    return {
      message: `route ${route.name} stands in namespace ${route.namespace}, from which gateway ${gateway.name} admits no routes`,
      fix: `add '${route.namespace}' to \`routesFrom\` of the gateway, its own namespace too if it has routes there`,
    };
  }
  const hosts = route.kind === 'tcp' ? [] : route.hostnames;
  if (
    hosts.length === 0 ||
    admitting.some(({ host }) => host === undefined || hosts.some((name) => overlap(host, name)))
  ) {
    return undefined;
  }
  return {
    message: `route ${route.name} is for ${hosts.join(', ')}, but gateway ${gateway.name} answers to ${admitting.map(({ host }) => host).join(', ')}`,
    fix: 'name a host of the gateway, or add the host to the gateway',
  };
}

/** True where a request can be for both; `*` stands for one or more labels. https://gateway-api.sigs.k8s.io/reference/spec/#hostname */
function overlap(a: string, b: string): boolean {
  const under = (wildcard: string, name: string) => wildcard.startsWith('*.') && name.endsWith(wildcard.slice(1));
  return a === b || under(a, b) || under(b, a);
}

function gatewaysByKey(model: Model): ReadonlyMap<string, Gateway> {
  return new Map(model.gateways.map((gateway) => [Ref.key(gateway), gateway]));
}
