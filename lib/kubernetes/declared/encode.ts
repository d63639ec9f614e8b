import { type Model, order } from '../../model';
import { type Manifest, manifestKey } from '../manifest';
import { encodeAccessPolicies } from './access-policy';
import { encodeCanaries } from './canary';
import { encodeEdges } from './edge';
import { encodeExternalServices } from './external-service';
import { encodeGatewayClasses, encodeGateways } from './gateway';
import { encodeMesh } from './mesh';
import { encodeRoutes } from './route';
import { encodeServices } from './service';
import { encodeServiceAccounts } from './service-account';
import { encodeTelemetries } from './telemetry';
import { encodeTrafficPolicies } from './traffic-policy';

/**
 * Every object that carries declared state, sorted by kind, namespace and name. `decode` reads them back to the very model.
 */
export function encode(model: Model): readonly Manifest[] {
  return [
    ...encodeMesh(model),
    ...encodeServiceAccounts(model),
    ...encodeServices(model),
    ...encodeExternalServices(model),
    ...encodeEdges(model),
    ...encodeAccessPolicies(model),
    ...encodeRoutes(model),
    ...encodeTrafficPolicies(model),
    ...encodeCanaries(model),
    ...encodeTelemetries(model),
    ...encodeGatewayClasses(model),
    ...encodeGateways(model),
  ]
    .map((manifest) => ({ key: manifestKey(manifest), manifest }))
    .sort((a, b) => order(a.key, b.key))
    .map(({ manifest }) => manifest);
}
