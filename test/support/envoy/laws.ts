import { isDeepStrictEqual } from 'node:util';
import { type Configuration, secretName } from '../../../lib/envoy';
import { withoutUndefined } from '../../../lib/model';

/**
 * What must hold of every configuration, whatever it is of. Each law gives what breaks it, as text; Envoy itself is asked by
 * `validated`.
 */
const laws: { readonly [law: string]: (configuration: Configuration, found: Found) => readonly string[] } = {
  'names are unique and sorted': (configuration) =>
    lists.flatMap((list) => {
      const names = namesIn(configuration, list);
      return isDeepStrictEqual(names, [...new Set(names)].sort()) ? [] : [`${list}: ${names.join(', ')}`];
    }),

  'nothing is undefined': (configuration) =>
    isDeepStrictEqual(withoutUndefined(configuration), configuration) ? [] : ['a field is undefined'],

  'what is referred to is there, and what is there is referred to': (configuration, { references }) =>
    (['routes', 'clusters', 'extensions', 'secrets'] as const).flatMap((list) => {
      const there = new Set(namesIn(configuration, list));
      const asked = references[list];
      return [
        ...[...asked].filter((name) => !there.has(name)).map((name) => `${list}: ${name} is referred to and not there`),
        ...[...there].filter((name) => !asked.has(name)).map((name) => `${list}: ${name} is there for nothing`),
      ];
    }),

  'every cluster that asks for endpoints has an assignment': ({ clusters, assignments }) => {
    const asked = clusters.flatMap(({ name, type, edsClusterConfig }) =>
      type === 'EDS' ? [edsClusterConfig?.serviceName || (name ?? '')] : [],
    );
    const there = assignments.map(({ cluster }) => cluster);
    return isDeepStrictEqual([...new Set(asked)].sort(), there)
      ? []
      : [`asked: ${asked.join(', ')}; there: ${there.join(', ')}`];
  },

  'the router is the last HTTP filter and stands alone': (_, { managers }) =>
    managers.flatMap(({ statPrefix, httpFilters = [] }) => {
      const routers = httpFilters.map(({ typedConfig }) => typedConfig?.['@type'] === router);
      return routers.indexOf(true) === httpFilters.length - 1 ? [] : [`${statPrefix}: ${routers.join(', ')}`];
    }),

  'filters of one chain have different names': (_, { managers }) =>
    managers.flatMap(({ statPrefix, httpFilters = [] }) => {
      const names = httpFilters.map(({ name }) => name);
      return new Set(names).size === names.length ? [] : [`${statPrefix}: ${names.join(', ')}`];
    }),

  'listeners have different addresses': ({ listeners }) => {
    const bound = listeners.filter(({ apiListener }) => !apiListener);
    const addresses = bound.flatMap(({ name, address, additionalAddresses = [] }) =>
      [{ address }, ...additionalAddresses].map((one) => [JSON.stringify(one.address), name] as const),
    );
    const first = new Map([...addresses].reverse());
    return addresses.flatMap(([address, name]) =>
      first.get(address) === name ? [] : [`${name} and ${first.get(address)}: ${address}`],
    );
  },

  'configuration comes over the one stream': (_, { sources }) =>
    sources.flatMap((source) =>
      isDeepStrictEqual(source, { ads: {}, resourceApiVersion: 'V3' }) ? [] : [JSON.stringify(source)],
    ),

  'domains of a route configuration are unique, and so are its virtual hosts': (_, { routeConfigurations }) =>
    routeConfigurations.flatMap(({ name, virtualHosts = [] }) => {
      const domains = virtualHosts.flatMap((host) => host.domains ?? []);
      const hosts = virtualHosts.map((host) => host.name);
      return [domains, hosts].flatMap((list) =>
        new Set(list).size === list.length ? [] : [`${name}: ${list.join(', ')}`],
      );
    }),

  'what statistics are named by is a name of the mesh, or of nothing that is counted': (configuration, { prefixes }) =>
    [...namesIn(configuration, 'clusters'), ...prefixes].flatMap((name) =>
      name.replace(/\.$/, '').includes('.') ? [name] : [],
    ),

  'no key is in it': (configuration) =>
    JSON.stringify(configuration).includes('PRIVATE KEY') ? ['a private key'] : [],
};

/** Each as `law: what breaks it`. */
export function brokenLaws(configuration: Configuration): readonly string[] {
  const found = findings(configuration);
  return Object.entries(laws).flatMap(([law, check]) => check(configuration, found).map((text) => `${law}: ${text}`));
}

const lists = ['listeners', 'routes', 'clusters', 'extensions', 'assignments', 'secrets'] as const;

function namesIn(configuration: Configuration, list: (typeof lists)[number]): readonly string[] {
  if (list === 'assignments') return configuration.assignments.map(({ cluster }) => cluster);
  if (list === 'secrets') return configuration.secrets.map(secretName);
  return configuration[list].map(({ name }) => name ?? '');
}

const router = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';

interface Manager {
  readonly statPrefix?: string;
  readonly httpFilters?: readonly { readonly name: string; readonly typedConfig?: { readonly '@type': string } }[];
}

interface RouteConfiguration {
  readonly name?: string;
  readonly virtualHosts?: readonly { readonly name?: string; readonly domains?: readonly string[] }[];
}

/** What is somewhere in a configuration. */
interface Found {
  readonly references: {
    readonly routes: Set<string>;
    readonly clusters: Set<string>;
    readonly extensions: Set<string>;
    readonly secrets: Set<string>;
  };
  readonly managers: Manager[];
  readonly routeConfigurations: RouteConfiguration[];
  readonly sources: object[];
  readonly prefixes: string[];
}

function findings({ listeners, routes, clusters, extensions }: Configuration): Found {
  const found: Found = {
    references: { routes: new Set(), clusters: new Set(), extensions: new Set(), secrets: new Set() },
    managers: [],
    routeConfigurations: [...routes],
    sources: [],
    prefixes: [],
  };
  walk([listeners, routes, clusters, extensions], found);
  return found;
}

type Message = { readonly [field: string]: unknown };

function walk(value: unknown, found: Found): void {
  if (Array.isArray(value)) for (const item of value) walk(item, found);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const message = value as Message;
  const { references } = found;
  const { name } = message;
  // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/route/v3/route_components.proto, core/v3/grpc_service.proto, http_uri.proto
  for (const field of ['cluster', 'clusterName'] as const) {
    const cluster = message[field];
    if (typeof cluster === 'string' && cluster !== '') references.clusters.add(cluster);
  }
  for (const { name: cluster } of listOf(message.weightedClusters, 'clusters'))
    references.clusters.add(String(cluster));
  if (isMessage(message.rds)) references.routes.add(String(message.rds.routeConfigName));
  if (isMessage(message.configDiscovery)) references.extensions.add(String(name));
  if (isMessage(message.sdsConfig)) references.secrets.add(String(name));
  for (const field of ['configSource', 'sdsConfig', 'edsConfig'] as const) {
    const source = message[field];
    if (isMessage(source)) found.sources.push(source);
  }
  if (isMessage(message.routeConfig)) found.routeConfigurations.push(message.routeConfig as RouteConfiguration);
  if (Array.isArray(message.httpFilters)) found.managers.push(message as Manager);
  if (typeof message.statPrefix === 'string') found.prefixes.push(message.statPrefix);
  for (const child of Object.values(message)) walk(child, found);
}

function listOf(message: unknown, field: string): readonly Message[] {
  const list = isMessage(message) ? message[field] : undefined;
  return Array.isArray(list) ? list.filter(isMessage) : [];
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
