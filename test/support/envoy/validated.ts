import type { Bootstrap, Cluster, ClusterLoadAssignment, Configuration, Listener } from '../../../lib/envoy';
import { pgvViolations } from './pgv';
import { validateWithEnvoy } from './process';
import { encode } from './registry';

/** What a proxy would be sent. */
export interface Served {
  readonly configuration: Configuration;
  /** Endpoints of its clusters. A cluster without any is checked as it is. */
  readonly loadAssignments?: readonly ClusterLoadAssignment[];
}

/** What is wrong with a configuration, by the rules of Envoy's API and by Envoy itself: one text each, none where all is well. */
export async function validateConfiguration(
  configuration: Configuration,
  loadAssignments: readonly ClusterLoadAssignment[] = [],
): Promise<readonly string[]> {
  const [violations = []] = await validateConfigurations([{ configuration, loadAssignments }]);
  return violations;
}

/** The same of many, each by itself, in as few runs of Envoy as their names allow. */
export async function validateConfigurations(all: readonly Served[]): Promise<readonly (readonly string[])[]> {
  const found = all.map(apiViolations);
  // What Envoy cannot even read it need not be asked about, and beside it everything else would fail.
  const readable = all.map((_, index) => index).filter((index) => found[index]?.length === 0);
  const judge = async (batch: readonly number[]): Promise<void> => {
    const { ok, output } = await validateWithEnvoy(bootstrapOf(batch.flatMap((index) => all[index] ?? [])));
    const complaints = output.split('\n').filter((line) => line !== '' && !expected.some((known) => known.test(line)));
    if (ok && complaints.length === 0) return;
    // Envoy stops at the first: whose it is, is found by halves.
    const half = Math.ceil(batch.length / 2);
    if (batch.length > 1) {
      await judge(batch.slice(0, half));
      await judge(batch.slice(half));
    } else if (batch[0] !== undefined) {
      found[batch[0]] = complaints.length > 0 ? complaints : ['Envoy refuses it without a word'];
    }
  };
  for (const batch of batches(all, readable)) await judge(batch);
  return found;
}

const expected: readonly RegExp[] = [
  /^configuration '\S+' OK$/,
  // One bucket for several routes cannot be said otherwise: what Envoy recommends counts for each filter, not for each rule.
  /local_ratelimit\.cc:\d+\] 'descriptors' is set but only used by route configuration/,
];

/** What the descriptors say of each resource, and what cannot be encoded. */
function apiViolations({ configuration, loadAssignments = [] }: Served): string[] {
  const { listeners, routes, clusters, extensions } = configuration;
  const resources: readonly (readonly [string, string, object])[] = [
    ...listeners.map((one) => ['envoy.config.listener.v3.Listener', `listener ${one.name}`, one] as const),
    ...routes.map((one) => ['envoy.config.route.v3.RouteConfiguration', `routes ${one.name}`, one] as const),
    ...clusters.map((one) => ['envoy.config.cluster.v3.Cluster', `cluster ${one.name}`, one] as const),
    ...extensions.map((one) => ['envoy.config.core.v3.TypedExtensionConfig', `extension ${one.name}`, one] as const),
    ...loadAssignments.map(
      (one) => ['envoy.config.endpoint.v3.ClusterLoadAssignment', `endpoints ${one.clusterName}`, one] as const,
    ),
  ];
  return resources.flatMap(([type, what, resource]) => {
    try {
      encode(resource, type);
    } catch (error) {
      return [`${what}: ${error instanceof Error ? error.message : error}`];
    }
    return pgvViolations(type, resource).map((violation) => `${what}: ${violation}`);
  });
}

/** Configurations whose clusters of one name are the same can stand in one bootstrap; listeners are moved apart. */
function batches(all: readonly Served[], indices: readonly number[]): readonly (readonly number[])[] {
  const made: { readonly indices: number[]; readonly clusters: Map<string, string> }[] = [];
  for (const index of indices) {
    const served = all[index];
    if (!served) continue;
    const own = clustersOf(served).map((cluster) => [cluster.name ?? '', JSON.stringify(cluster)] as const);
    const fits = ({ clusters }: { readonly clusters: Map<string, string> }) =>
      own.every(([name, text]) => (clusters.get(name) ?? text) === text);
    let batch = made.find(fits);
    if (!batch) {
      batch = { indices: [], clusters: new Map() };
      made.push(batch);
    }
    batch.indices.push(index);
    for (const [name, text] of own) batch.clusters.set(name, text);
  }
  return made.map((batch) => batch.indices);
}

/** All that xDS would deliver, as if it had been there from the start. Secrets are left to SDS: Envoy waits for them later. */
function bootstrapOf(batch: readonly Served[]): Bootstrap {
  const batched = batch.length > 1;
  const clusters = new Map(
    batch.flatMap((served) =>
      // Alone, a repeated name is the configuration's own mistake, and Envoy shall see it.
      clustersOf(served).map((cluster, index) => [batched ? cluster.name : index, cluster] as const),
    ),
  );
  return {
    node: { id: 'test', cluster: 'test' },
    dynamicResources: {
      adsConfig: {
        apiType: 'DELTA_GRPC',
        transportApiVersion: 'V3',
        grpcServices: [{ envoyGrpc: { clusterName: 'control_plane' } }],
      },
    },
    staticResources: {
      listeners: batch.flatMap(({ configuration }, index) => {
        const listeners = configuration.listeners.map((listener) => inlined(configuration, listener));
        return batched ? movedApart(listeners, index) : listeners;
      }),
      clusters: [...clusters.values(), controlPlane],
    },
    // As in the proxies' own bootstrap.
    layeredRuntime: { layers: [{ name: 'static', staticLayer: { 're2.max_program_size.error_level': 32_768 } }] },
  };
}

const controlPlane: Cluster = {
  name: 'control_plane',
  type: 'STATIC',
  typedExtensionProtocolOptions: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicitHttpConfig: { http2ProtocolOptions: {} },
    },
  },
};

function clustersOf({ configuration, loadAssignments = [] }: Served): readonly Cluster[] {
  const byCluster = new Map(loadAssignments.map((assignment) => [assignment.clusterName, assignment]));
  return configuration.clusters.map((cluster) => {
    const { type, edsClusterConfig, ...rest } = cluster;
    const loadAssignment = byCluster.get(edsClusterConfig?.serviceName || (cluster.name ?? ''));
    return type === 'EDS' && loadAssignment
      ? { ...withoutAds(rest), type: 'STATIC', loadAssignment }
      : type === 'EDS'
        ? cluster
        : withoutAds(cluster);
  });
}

/**
 * Clusters that need no EDS are made before the stream of xDS is there, if they stand in the bootstrap, and Envoy crashes on secrets
 * that are to come over it. Over xDS, where they come from in the end, they are made after it.
 */
function withoutAds(cluster: Cluster): Cluster {
  const source = {
    apiConfigSource: {
      apiType: 'DELTA_GRPC',
      transportApiVersion: 'V3',
      grpcServices: [{ envoyGrpc: { clusterName: 'control_plane' } }],
    },
    resourceApiVersion: 'V3',
  };
  return JSON.parse(JSON.stringify(cluster), (key, value: unknown) => (key === 'sdsConfig' ? source : value));
}

/** Routes and filters in the place where the listener asks for them. */
function inlined(configuration: Configuration, listener: Listener): Listener {
  const routes = new Map(configuration.routes.map((one) => [one.name, one]));
  const extensions = new Map(configuration.extensions.map((one) => [one.name, one]));
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const { rds, configDiscovery, ...rest } = value as {
      readonly rds?: { readonly routeConfigName?: string };
      readonly configDiscovery?: object;
      readonly name?: string;
    };
    const others = Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, walk(child)]));
    // What is not there stays as it is, for the laws to find: it is no mistake of the message.
    const routeConfig = rds && routes.get(rds.routeConfigName);
    const filter = configDiscovery && extensions.get(rest.name);
    return {
      ...others,
      ...(routeConfig ? { routeConfig } : rds && { rds }),
      ...(filter ? { typedConfig: filter.typedConfig } : configDiscovery && { configDiscovery }),
    };
  };
  return walk(listener) as Listener;
}

/** Gives listeners of one proxy names and addresses that no other of the batch has; what was the same stays the same. */
function movedApart(listeners: readonly Listener[], index: number): readonly Listener[] {
  const moved = <Held extends { readonly address?: Listener['address'] }>(holder: Held): Held => {
    const socket = holder.address?.socketAddress;
    if (!socket) return holder;
    const own = socketAddress(`${index} ${socket.address}:${socket.portValue}`);
    return { ...holder, address: { socketAddress: { ...socket, ...own } } };
  };
  return listeners.map((listener) => ({
    ...moved(listener),
    name: `${index} ${listener.name}`,
    ...(listener.additionalAddresses && { additionalAddresses: listener.additionalAddresses.map(moved) }),
  }));
}

const given = new Map<string, number>();

/** Nothing is bound when Envoy only validates. */
function socketAddress(key: string): { readonly address: string; readonly portValue: number } {
  const number = given.get(key) ?? given.size + 1;
  given.set(key, number);
  return { address: `127.0.${Math.floor(number / 50_000)}.1`, portValue: (number % 50_000) + 1 };
}
