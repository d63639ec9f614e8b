import type { Ref } from '../../model';
import type { Manifest } from '../manifest';
import { gatewayGroup } from './object';
import type { Observed } from './observed';
import type { RouteContext } from './route/context';

/** Objects of Gateway API that concern the mesh, of kinds that it cannot serve: said, so that nobody waits for their effect. */
export function reportUnsupported(observed: Observed, context: RouteContext): void {
  const refuse = (kind: string, message: string, concerns: (manifest: Manifest) => readonly Reference[]) => {
    for (const manifest of observed.gatewayApi(kind)) {
      if (concerns(manifest).some((reference) => isOurs(reference, manifest, context))) {
        observed.read(manifest, (reader) => reader.fail(message));
      }
    }
  };
  refuse('UDPRoute', 'is not supported: UDP is not proxied', ({ spec }) => spec?.parentRefs ?? []);
  refuse('ListenerSet', 'is not supported: a gateway has its own listeners alone', ({ spec }) => [
    spec?.parentRef ?? {},
  ]);
  refuse(
    'BackendTLSPolicy',
    'is not supported: inside the mesh mutual TLS is made anyway, and of a host outside an ExternalService says it',
    ({ spec }) => (spec?.targetRefs ?? []).map((target: Reference) => ({ group: '', kind: 'Service', ...target })),
  );
}

interface Reference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

function isOurs(reference: Reference, { metadata }: Manifest, context: RouteContext): boolean {
  const { group = gatewayGroup, kind = 'Gateway', namespace = metadata.namespace ?? 'default', name = '' } = reference;
  const ref: Ref = { namespace, name };
  if (group === gatewayGroup && kind === 'Gateway') return context.gateway(ref) !== undefined;
  return group === '' && kind === 'Service' && context.destination(ref) !== undefined;
}
