import { type AccessPolicy, backendsOf, locate, type Model, Ref, sharedServices } from '../../model';
import type { Rule } from '../rule';

/** What is not declared is denied, so a service that nobody is declared to call answers nobody. */
export const uncalledServices: Rule = {
  code: 'MESH0923',
  level: 'warning',
  summary: 'somebody may call each service',
  check: ({ model, find }) => {
    const called = calledByProxies(model);
    return model.services
      .filter(
        (service) =>
          service.ports.some((port) => port.protocol !== 'udp') &&
          (service.mutualTls ?? model.mesh.mutualTls) === 'strict' &&
          find.edgesTo('service', service).length === 0 &&
          !find.accessPolicies(service).some(admitsSomeone) &&
          !called.has(Ref.key(service)),
      )
      .map((service) => ({
        at: locate('Service', service),
        message: `nobody may call ${service.name}: no call, no route of a gateway and no access policy names it`,
        fix: `declare who calls it (caller.calls(${service.name}), a Gateway or an AccessPolicy), or declare it as a Workload if it only calls others`,
      }));
  },
};

function admitsSomeone({ rules, outsidePorts }: AccessPolicy): boolean {
  return outsidePorts.length > 0 || rules.some((rule) => rule.action === 'allow');
}

/** Services that gateways, routes and proxies lead to or ask. */
function calledByProxies(model: Model): ReadonlySet<string> {
  const refs = [
    ...model.routes.flatMap((route) => backendsOf(route).map(({ service }) => service)),
    ...model.routes.flatMap((route) =>
      route.kind === 'http' || route.kind === 'grpc'
        ? route.rules.flatMap(({ rateLimit }) => (rateLimit?.global ? [rateLimit.global.service] : []))
        : [],
    ),
    ...model.accessPolicies.flatMap(({ externalAuthorization }) =>
      externalAuthorization ? [externalAuthorization.service] : [],
    ),
    ...model.sharedProxies.flatMap(sharedServices),
  ];
  return new Set(refs.map(Ref.key));
}
