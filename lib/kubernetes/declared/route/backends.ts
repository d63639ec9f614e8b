import { type Backend, type HeaderChanges, names, Ref, type RouteParent } from '../../../model';
import { type Json, type Reader, shown } from '../shape';
import type { RouteContext } from './context';
import { headerFiltersJson, headerFiltersOf } from './header-filters';

/** A Service of a mesh, or one of its versions, at a port. */
export interface Endpoint {
  readonly service: Ref;
  readonly version?: string;
  readonly port: number;
}

/** A reference from a route of a namespace to a Service. */
export function endpointJson({ service, version, port }: Endpoint, namespace: string): Json {
  return {
    group: '',
    kind: 'Service',
    name: version === undefined ? service.name : names.versionService(service, version),
    ...(service.namespace === namespace ? {} : { namespace: service.namespace }),
    port,
  };
}

/** Reads the fields of a reference, and leaves others to the caller. */
export function endpointOf(json: Json, reader: Reader, routeKind: string, context: RouteContext): Endpoint {
  const { group = '', kind = 'Service', name, namespace = reader.namespace, port } = reader.fields(json);
  if (group !== '' || kind !== 'Service') return reader.fail(`must be a Service, got ${shown({ group, kind })}`);
  const ref = { namespace: reader.at('namespace').text(namespace), name: reader.at('name').text(name) };
  if (namespace !== reader.namespace && !context.granted(routeKind, reader.namespace, ref)) {
    return reader.fail(
      `no ReferenceGrant in namespace ${namespace} lets ${routeKind}s of namespace ${reader.namespace} refer to Service ${ref.name}`,
    );
  }
  const destination = context.destination(ref);
  if (!destination) return reader.fail(`Service ${Ref.key(ref)} is not in the mesh`);
  return { ...destination, port: reader.at('port').number(port) };
}

/**
 * Backends of a rule. "The service itself" has no words in Gateway API: it is one reference to the parent with weight 1,
 * which is what the API server makes of a missing weight; the same backend said by name has weight 100.
 */
export function backendsJson(
  backends: readonly Backend[],
  own: Endpoint | undefined,
  namespace: string,
): readonly Json[] {
  if (backends.length === 0) return own ? [{ ...endpointJson(own, namespace), weight: 1 }] : [];
  const weights = wholeWeights(backends.map(({ weight }) => weight));
  return backends.map((backend, index) => {
    const filters = headerFiltersJson(backend);
    return {
      ...endpointJson(backend, namespace),
      weight: weights[index],
      ...(filters.length > 0 ? { filters } : {}),
    };
  });
}

/** Reads backends; `own` is the one that "the service itself" means. */
export function backendsOf(
  json: Json,
  own: Endpoint | undefined,
  reader: Reader,
  routeKind: string,
  context: RouteContext,
): readonly Backend[] {
  const read = reader.all(
    reader.items(json).map((item, index) => () => weightedOf(item, reader.at(index), routeKind, context)),
  );
  const [only] = read;
  if (read.length === 1 && only && own && only.weight === 1 && isBare(only) && isSame(only, own)) return [];
  const percentages = percentagesOf(read.map(({ weight }) => weight));
  if (!percentages) return reader.fail('all weights are 0, so requests go nowhere; give one of them a weight');
  return read.map((backend, index) => ({ ...backend, weight: percentages[index] ?? 0 }));
}

function weightedOf(json: Json, reader: Reader, routeKind: string, context: RouteContext): Backend {
  const given = reader.fields(json);
  const [endpoint, weight, headers] = reader.all<unknown>([
    () => endpointOf(given, reader, routeKind, context),
    () => reader.at('weight').number(given.weight ?? 1),
    () => headerFiltersOf(given.filters, reader.at('filters')),
    () => reader.only(given, ['group', 'kind', 'name', 'namespace', 'port', 'weight', 'filters']),
  ]) as [Endpoint, number, Pick<Backend, 'requestHeaders' | 'responseHeaders'>, unknown];
  return { ...endpoint, weight, ...headers };
}

/** The backend that a route without backends means: the one Service it belongs to. */
export function ownBackend(parents: readonly RouteParent[]): Endpoint | undefined {
  const [parent] = parents;
  if (parents.length !== 1 || parent?.kind !== 'service') return undefined;
  return { service: { namespace: parent.namespace, name: parent.name }, port: parent.port };
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return Ref.equal(one.service, other.service) && one.version === other.version && one.port === other.port;
}

function isBare(backend: {
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
}): boolean {
  return !backend.requestHeaders && !backend.responseHeaders;
}

/** Weights are whole numbers up to a million: shares of up to four decimals fit, all made larger alike. */
function wholeWeights(shares: readonly number[]): readonly number[] {
  for (let scale = 1; scale < largestScale; scale *= 10) {
    const scaled = shares.map((share) => Math.round(share * scale));
    if (scaled.every((weight, index) => weight / scale === shares[index])) return scaled;
  }
  return shares.map((share) => Math.round(share * largestScale));
}

const largestScale = 10_000;

/**
 * Weights as percentages that sum to 100: of four decimals at most, what is lost in rounding given to those that lost most.
 * None where no weight is above 0.
 */
function percentagesOf(weights: readonly number[]): readonly number[] | undefined {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length === 0) return [];
  if (sum <= 0) return undefined;
  const whole = 100 * largestScale;
  const exact = weights.map((weight) => (weight * whole) / sum);
  const floors = exact.map(Math.floor);
  const missing = whole - floors.reduce((total, share) => total + share, 0);
  const byLoss = exact
    .map((share, index) => ({ index, loss: share - Math.floor(share) }))
    .sort((a, b) => b.loss - a.loss || a.index - b.index)
    .slice(0, missing)
    .map(({ index }) => index);
  return floors.map((share, index) => (share + (byLoss.includes(index) ? 1 : 0)) / largestScale);
}
