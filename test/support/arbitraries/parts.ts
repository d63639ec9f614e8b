import fc from 'fast-check';
import type { ExternalService, ExternalTls, LocalProcess, Port, Service, Version, Workload } from '../../../lib/model';
import { capture, mutualTls } from './mesh';
import { anyHost, host, kind, labels, maybe, name, port, prose, recordOf, some, words } from './values';

/** The members of a mesh, from which everything else is made: what refers must have something to refer to. */

const local: fc.Arbitrary<LocalProcess> = recordOf<LocalProcess>({
  command: some(prose),
  directory: maybe(words('.', 'services/web')),
  env: maybe(fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,5}$/), prose, { maxKeys: 2, noNullPrototype: true })),
});

const version: fc.Arbitrary<Version> = recordOf<Version>({
  name: words('v1', 'v2', 'v10', 'blue'),
  selector: labels,
  local: maybe(local),
});

const ports: fc.Arbitrary<Port[]> = fc
  .uniqueArray(
    recordOf<Port>({
      name: fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/),
      port,
      targetPort: fc.integer({ min: 1, max: 14_999 }),
      protocol: words('http', 'http', 'http2', 'grpc', 'tls', 'tcp', 'udp'),
    }),
    { maxLength: 4, selector: (one) => one.port },
  )
  .map((all) => all.map((one, index) => ({ ...one, name: `${one.name}${index}` })));

/** A port that is there over TCP may be there over UDP too, as DNS has it. */
const portsOnBoth = fc.tuple(ports, fc.boolean()).map(([all, both]): Port[] => {
  const [first] = all;
  return both && first && first.protocol !== 'udp'
    ? [...all, { ...first, name: 'also-udp', targetPort: 53, protocol: 'udp' }]
    : all;
});

export const service = (namespace: fc.Arbitrary<string>): fc.Arbitrary<Service> =>
  recordOf<Service>({
    namespace,
    name,
    serviceAccount: name,
    selector: labels,
    ports: portsOnBoth,
    versions: fc.uniqueArray(version, { maxLength: 3, selector: (one) => one.name }),
    headless: fc.boolean(),
    instances: maybe(recordOf<NonNullable<Service['instances']>>({ statefulSet: name, replicas: fc.nat(5) })),
    capture: maybe(capture),
    mutualTls: maybe(mutualTls),
    local: maybe(local),
  });

export const workload = (namespace: fc.Arbitrary<string>): fc.Arbitrary<Workload> =>
  recordOf<Workload>({
    namespace,
    name,
    serviceAccount: name,
    selector: labels,
    capture: maybe(capture),
    local: maybe(local),
  });

type Spoken = Pick<ExternalService, 'host' | 'protocol' | 'tls' | 'addresses'>;

const originate: fc.Arbitrary<ExternalTls> = recordOf<Extract<ExternalTls, { kind: 'originate' }>>({
  kind: kind('originate'),
  serverName: maybe(host),
  trustedCa: maybe(name),
});

const addresses = maybe(some(words('192.0.2.7', '192.0.2.8', '2001:db8::7')));

/** TLS that is passed through, with a wildcard or not; or plain text, which the sidecar may make TLS. */
const spoken: fc.Arbitrary<Spoken> = fc.oneof(
  recordOf<Spoken>({
    host: anyHost,
    protocol: kind('tls'),
    tls: fc.constant({ kind: 'passthrough' }),
    addresses: fc.constant(undefined),
  }),
  recordOf<Spoken>({ host, protocol: kind('tls'), tls: fc.constant({ kind: 'passthrough' }), addresses }),
  recordOf<Spoken>({ host, protocol: kind('tcp'), tls: fc.constant({ kind: 'passthrough' }), addresses }),
  recordOf<Spoken>({
    host,
    protocol: words('http', 'http2', 'grpc', 'tcp'),
    tls: fc.oneof(fc.constant<ExternalTls>({ kind: 'none' }), originate),
    addresses,
  }),
);

export const externalService = (namespace: fc.Arbitrary<string>): fc.Arbitrary<ExternalService> =>
  fc
    .tuple(
      recordOf<Pick<ExternalService, 'namespace' | 'name' | 'port' | 'local'>>({
        namespace,
        name,
        port,
        local: maybe(local),
      }),
      spoken,
    )
    .map(([one, other]) => ({ ...one, ...other }));
