import { canonical, type Mesh, type Model } from '../../model';
import type { Manifest } from '../manifest';
import { decodeAccessPolicies } from './access-policy';
import { decodeCanaries } from './canary';
import { decodeEdges } from './edge';
import { decodeExternalServices } from './external-service';
import { decodeGateways } from './gateway';
import { decodeMesh } from './mesh';
import { Observed } from './observed';
import { decodeRouteFilters, decodeRoutes, routeContext } from './route';
import { decodeServices } from './service';
import { decodeWorkloads } from './service-account';
import type { Problem } from './shape';
import { decodeTelemetries } from './telemetry';
import { decodeTrafficPolicies } from './traffic-policy';
import { reportUnsupported } from './unsupported';

export type { Problem } from './shape';

/** What the objects of a cluster declare. */
export interface Decoded {
  /** Absent where there is not exactly one mesh that can be read. */
  readonly model?: Model;
  /** What is there and could not be read; whatever it belongs to is not in the model. */
  readonly problems: readonly Problem[];
}

/**
 * Reads the declared state of a cluster: objects that synthesis has written, and Gateway API's that people write by hand.
 * Objects that do not concern the mesh are passed over; what concerns it and is not supported is a problem, and the object
 * that says it is left out as a whole.
 */
export function decode(objects: readonly Manifest[]): Decoded {
  const observed = new Observed(objects);
  const mesh = decodeMesh(observed);
  if (!mesh) return { problems: sorted(observed.problems) };
  observed.keepMesh(mesh.name);
  const model = canonical(readModel(observed, mesh));
  return { model, problems: sorted(observed.problems) };
}

function readModel(observed: Observed, mesh: Mesh): Model {
  const decodedServices = decodeServices(observed);
  const services = decodedServices.map(({ service }) => service);
  const workloads = decodeWorkloads(observed);
  const proxies = decodeGateways(observed, decodedServices);
  const { gateways } = proxies;
  const context = routeContext(observed, { mesh, services, gateways, filters: decodeRouteFilters(observed) });
  reportUnsupported(observed, context);
  return {
    mesh,
    services,
    workloads,
    externalServices: decodeExternalServices(observed),
    edges: decodeEdges(observed),
    routes: decodeRoutes(observed, context),
    trafficPolicies: decodeTrafficPolicies(observed),
    accessPolicies: decodeAccessPolicies(observed, workloads),
    canaries: decodeCanaries(observed),
    ...proxies,
    telemetries: decodeTelemetries(observed),
  };
}

function sorted(problems: readonly Problem[]): readonly Problem[] {
  const text = ({ object, path, message }: Problem) => `${object}\n${path}\n${message}`;
  return [...problems].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
