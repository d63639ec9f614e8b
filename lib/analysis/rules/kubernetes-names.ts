import { type Locator, locate, type Model, names, sharedServices } from '../../model';
import { dnsLabel, dnsSubdomain, serviceName } from '../form';
import type { Rule } from '../rule';

/** Names as the API server checks them, those that are made from a name included. */
export const kubernetesNames: Rule = {
  code: 'MESH0121',
  level: 'error',
  summary: 'every name is one that Kubernetes takes, also where the mesh makes it from another',
  check: ({ model }) =>
    allNames(model).flatMap(({ at, property, value, made, form }) => {
      const refusal = form(made ?? value);
      if (refusal === undefined) return [];
      const given =
        made === undefined ? JSON.stringify(value) : `${JSON.stringify(value)}, which makes ${JSON.stringify(made)},`;
      return {
        at,
        message: `${property} ${given} is refused by Kubernetes: ${refusal}`,
        fix: `choose another \`${property}\``,
      };
    }),
};

interface Named {
  readonly at: Locator;
  readonly property: string;
  readonly value: string;
  /** The name that is made of it, where that is what could be refused. */
  readonly made?: string;
  readonly form: (text: string) => string | undefined;
}

function allNames(model: Model): readonly Named[] {
  const { mesh } = model;
  const meshAt: Locator = `Mesh ${mesh.name}`;
  const namespaces = [...new Map(placed(model).map((one) => [one.namespace, one.at]))].map(
    ([value, at]): Named => ({ at, property: 'namespace', value, form: dnsLabel }),
  );
  return [
    { at: meshAt, property: 'name', value: mesh.name, form: dnsLabel },
    { at: meshAt, property: 'namespace', value: mesh.namespace, form: dnsLabel },
    { at: meshAt, property: 'clusterDomain', value: mesh.clusterDomain, form: dnsSubdomain },
    ...namespaces,
    ...model.services.flatMap((service): Named[] => {
      const at = locate('Service', service);
      return [
        { at, property: 'name', value: service.name, form: serviceName },
        { at, property: 'serviceAccount', value: service.serviceAccount, form: dnsSubdomain },
        ...service.versions.map((version): Named => {
          const made = names.versionService(service, version.name);
          return { at, property: 'version', value: version.name, made, form: serviceName };
        }),
        ...(service.instances
          ? [{ at, property: 'statefulSet', value: service.instances.statefulSet, form: dnsLabel } as const]
          : []),
      ];
    }),
    ...model.workloads.flatMap((workload): Named[] => {
      const at = locate('Workload', workload);
      return [
        { at, property: 'name', value: workload.name, form: dnsLabel },
        { at, property: 'serviceAccount', value: workload.serviceAccount, form: dnsSubdomain },
      ];
    }),
    // A label, not a subdomain: the name of an Envoy cluster ends with it, and statistics are cut at the first dot.
    ...plain('ExternalService', model.externalServices, dnsLabel),
    ...plain('Route', model.routes, dnsSubdomain),
    ...plain('TrafficPolicy', model.trafficPolicies, dnsSubdomain),
    ...plain('AccessPolicy', model.accessPolicies, dnsSubdomain),
    ...plain('Canary', model.canaries, dnsSubdomain),
    ...plain('Telemetry', model.telemetries, dnsSubdomain),
    ...proxies('Gateway', 'gateway', model.gateways),
    ...proxies('EgressGateway', 'egress-gateway', model.egressGateways),
    ...proxies('SharedProxy', 'shared-proxy', model.sharedProxies),
    ...model.sharedProxies.flatMap((proxy) =>
      sharedServices(proxy).map((service): Named => {
        const at = locate('SharedProxy', proxy);
        return {
          at,
          property: 'service',
          value: service.name,
          made: names.instancesService(service),
          form: serviceName,
        };
      }),
    ),
    ...model.gateways.flatMap((gateway) =>
      gateway.listeners.map(
        (listener): Named => ({
          at: locate('Gateway', gateway),
          property: 'listener name',
          value: listener.name,
          form: dnsLabel,
        }),
      ),
    ),
    ...secrets(model),
  ];
}

type Kind = Parameters<typeof locate>[0];

function plain(
  kind: Kind,
  list: readonly { readonly namespace: string; readonly name: string }[],
  form: Named['form'],
) {
  return list.map((item): Named => ({ at: locate(kind, item), property: 'name', value: item.name, form }));
}

function proxies(
  kind: Kind,
  proxy: names.ProxyKind,
  list: readonly { readonly namespace: string; readonly name: string }[],
) {
  return list.map((item): Named => {
    const made = names.proxyObject(proxy, item.name);
    return { at: locate(kind, item), property: 'name', value: item.name, made, form: serviceName };
  });
}

/** Secrets and ConfigMaps that exist already. */
function secrets(model: Model): readonly Named[] {
  const { root } = model.mesh.certificates;
  return [
    ...(root.kind === 'secret'
      ? [{ at: `Mesh ${model.mesh.name}`, property: 'root secret', value: root.name, form: dnsSubdomain } as const]
      : []),
    ...model.gateways.flatMap((gateway) =>
      gateway.listeners.flatMap(({ tls }): Named[] => {
        if (!tls) return [];
        const value = tls.kind === 'secret' ? tls.name : tls.secret;
        return [{ at: locate('Gateway', gateway), property: 'tls secret', value, form: dnsSubdomain }];
      }),
    ),
    ...model.externalServices.flatMap((external): Named[] => {
      const value = external.tls.kind === 'originate' ? external.tls.trustedCa : undefined;
      if (value === undefined) return [];
      return [{ at: locate('ExternalService', external), property: 'trustedCa', value, form: dnsSubdomain }];
    }),
  ];
}

function placed(model: Model): readonly { readonly at: Locator; readonly namespace: string }[] {
  const of = (kind: Kind, list: readonly { readonly namespace: string; readonly name: string }[]) =>
    list.map((item) => ({ at: locate(kind, item), namespace: item.namespace }));
  return [
    ...of('Telemetry', model.telemetries),
    ...of('Canary', model.canaries),
    ...of('AccessPolicy', model.accessPolicies),
    ...of('TrafficPolicy', model.trafficPolicies),
    ...of('Route', model.routes),
    ...of('SharedProxy', model.sharedProxies),
    ...of('EgressGateway', model.egressGateways),
    ...of('Gateway', model.gateways),
    ...of('ExternalService', model.externalServices),
    ...of('Workload', model.workloads),
    ...of('Service', model.services),
  ];
}
