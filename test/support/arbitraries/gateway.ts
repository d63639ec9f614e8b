import fc from 'fast-check';
import type {
  EgressGateway,
  Gateway,
  GatewayListener,
  GatewayService,
  GatewayTls,
  SharedProxy,
} from '../../../lib/model';
import { issuer } from './mesh';
import { resources } from './traffic';
import { anyHost, few, kind, maybe, name, port, prose, recordOf, words } from './values';

const tls: fc.Arbitrary<GatewayTls> = fc.oneof(
  recordOf<Extract<GatewayTls, { kind: 'secret' }>>({ kind: kind('secret'), name }),
  recordOf<Extract<GatewayTls, { kind: 'certManager' }>>({ kind: kind('certManager'), secret: name, issuer }),
);

const listener = (namespaces: readonly string[]): fc.Arbitrary<GatewayListener> =>
  fc
    .tuple(
      recordOf<GatewayListener>({
        name: fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/),
        port,
        protocol: words('http', 'https', 'tls', 'tcp'),
        host: maybe(anyHost),
        tls: maybe(tls),
        routesFrom: few(fc.constantFrom(...namespaces)),
      }),
      tls,
    )
    .map(([one, certificate]) => ({
      ...one,
      // Listeners of HTTPS, and only they, have a certificate; TCP knows no host.
      tls: one.protocol === 'https' ? (one.tls ?? certificate) : undefined,
      host: one.protocol === 'tcp' ? undefined : one.host,
    }));

const replicas = fc.integer({ min: 1, max: 9 });

export const gateway = (namespaces: readonly string[]): fc.Arbitrary<Gateway> =>
  recordOf<Gateway>({
    namespace: fc.constantFrom(...namespaces),
    name,
    listeners: fc
      .uniqueArray(listener(namespaces), {
        minLength: 1,
        maxLength: 3,
        selector: (one) => one.port,
      })
      .map((all) => all.map((one, index) => ({ ...one, name: `${one.name}${index}` }))),
    service: recordOf<GatewayService>({
      type: words('LoadBalancer', 'ClusterIP', 'NodePort'),
      annotations: fc.dictionary(fc.stringMatching(/^cloud\.example\/[a-z]{1,8}$/), prose, {
        maxKeys: 2,
        noNullPrototype: true,
      }),
    }),
    replicas,
    resources: maybe(resources),
  });

export const egressGateway = (namespaces: readonly string[]): fc.Arbitrary<EgressGateway> =>
  recordOf<EgressGateway>({ namespace: fc.constantFrom(...namespaces), name, replicas, resources: maybe(resources) });

/** Its services are chosen by whoever knows them all. */
export const sharedProxy = (namespaces: readonly string[]): fc.Arbitrary<SharedProxy> =>
  recordOf<SharedProxy>({
    namespace: fc.constantFrom(...namespaces),
    name,
    services: fc.constant([]),
    replicas,
    resources: maybe(resources),
  });
