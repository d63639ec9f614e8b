import { lookup, type Model, order, type Locality as Preference } from '../../model';
import type { Assignment } from '../configuration';
import type { Endpoint, Locality } from '../observed';
import { addressOf } from '../socket-address';
import type { ClusterLoadAssignment } from '../types';
import { metadataOf } from './endpoint-metadata';
import { isPermissive } from './service';
import { trafficPolicyOf } from './traffic-policy';

/**
 * The endpoints of a cluster as a client of a locality gets them, in an order that does not depend on how they were found. None is
 * an answer too: Envoy waits for one.
 *
 * An instance that drains is left out while another is ready: Envoy ends what it has begun with a host that goes. Had it
 * stayed with the status DRAINING, it would count as one that has failed, and where most have failed Envoy gives
 * requests to all of them again (panic threshold), which a rollout of few instances would bring about.
 */
export function loadAssignment(
  model: Model,
  assignment: Assignment,
  endpoints: readonly Endpoint[],
  client: Locality | undefined,
): ClusterLoadAssignment {
  const reachable = endpoints.filter(
    (endpoint) => isOf(assignment, endpoint) && isReachable(model, assignment, endpoint),
  );
  const ready = reachable.filter(({ state }) => state === 'ready');
  const preference = preferenceOf(model, assignment);
  const ranked = (ready.length > 0 ? ready : reachable).flatMap((endpoint) => {
    const rank = rankOf(preference, client, endpoint.locality);
    return rank === undefined ? [] : [{ endpoint, rank }];
  });
  // By its instances, so that each of them gets as much as any other.
  const weighted = assignment.kind === 'service' && assignment.weighted;
  // Priorities have no gaps.
  const ranks = [...new Set(ranked.map(({ rank }) => rank))].sort((a, b) => a - b);
  return {
    clusterName: assignment.cluster,
    endpoints: ranks.flatMap((rank, priority) =>
      byLocality(ranked.filter((one) => one.rank === rank).map(({ endpoint }) => endpoint)).map((group) => ({
        ...(group.locality && { locality: group.locality }),
        ...(weighted && { locality: group.locality ?? {}, loadBalancingWeight: group.endpoints.length }),
        ...(priority > 0 && { priority }),
        lbEndpoints: group.endpoints.map((endpoint) => ({
          endpoint: { address: addressOf(endpoint) },
          ...(assignment.kind === 'behind' ? {} : metadataOf(endpoint)),
        })),
      })),
    ),
    ...(ranks.length > 1 && { policy: { overprovisioningFactor: overprovisioning(preference) } }),
  };
}

/** What is observed of a port is of all its versions and instances. */
function isOf(assignment: Assignment, { version, instance }: Endpoint): boolean {
  if (assignment.kind === 'egressGateway') return true;
  if (assignment.version !== undefined && assignment.version !== version) return false;
  return assignment.kind === 'behind' || assignment.instance === undefined || assignment.instance === instance;
}

/** Without a proxy an instance is met in plain text, which only some services take. */
function isReachable(model: Model, assignment: Assignment, endpoint: Endpoint): boolean {
  if (endpoint.meshed || assignment.kind === 'behind') return true;
  const service = assignment.kind === 'service' ? lookup(model).service(assignment.service) : undefined;
  return service !== undefined && isPermissive(model, service);
}

function preferenceOf(model: Model, assignment: Assignment): Preference {
  const declared =
    assignment.kind === 'egressGateway'
      ? undefined
      : trafficPolicyOf(model, assignment.service, assignment.port).locality;
  return declared ?? { prefer: 'zone' };
}

/** The lower, the sooner. Absent: never. */
function rankOf(
  { prefer, failover }: Preference,
  client: Locality | undefined,
  endpoint: Locality | undefined,
): number | undefined {
  if (prefer === 'none' || !client) return 0;
  if (!endpoint) return elsewhere;
  if (endpoint.region === client.region) return prefer === 'region' || endpoint.zone === client.zone ? 0 : 1;
  const regions = failover?.find(({ from }) => from === client.region)?.to;
  if (!regions) return elsewhere;
  const place = regions.indexOf(endpoint.region);
  return place < 0 ? undefined : 2 + place;
}

/** After all regions that a list of failover can name. */
const elsewhere = 1_000_000;

/** Traffic spills over when health times this factor (in percent) no longer makes 100: below 70 % with a factor of 143. */
function overprovisioning({ minHealthyPercent = 70 }: Preference): number {
  return Math.round(10_000 / Math.min(100, Math.max(1, minHealthyPercent)));
}

interface Group {
  readonly locality: Locality | undefined;
  readonly endpoints: readonly Endpoint[];
}

function byLocality(endpoints: readonly Endpoint[]): readonly Group[] {
  const groups = new Map<string, { readonly locality: Locality | undefined; readonly found: Map<string, Endpoint> }>();
  for (const endpoint of endpoints) {
    const { locality } = endpoint;
    const key = locality ? `${locality.region}/${locality.zone}` : '';
    const group = groups.get(key) ?? { locality: locality && regionAndZone(locality), found: new Map() };
    // Envoy knows hosts by their addresses.
    group.found.set(`${endpoint.address} ${String(endpoint.port).padStart(5, '0')}`, endpoint);
    groups.set(key, group);
  }
  return [...groups]
    .sort(([a], [b]) => order(a, b))
    .map(([, { locality, found }]) => ({
      locality,
      endpoints: [...found].sort(([a], [b]) => order(a, b)).map(([, endpoint]) => endpoint),
    }));
}

function regionAndZone({ region, zone }: Locality): Locality {
  return { region, zone };
}
