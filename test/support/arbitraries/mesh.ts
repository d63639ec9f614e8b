import fc from 'fast-check';
import type { Capture, CertificateIssuer, Mesh, RootOfTrust } from '../../../lib/model';
import { telemetry } from './telemetry';
import { resources, retries } from './traffic';
import { cidr, duration, few, host, image, kind, maybe, name, port, recordOf, span, words } from './values';

export const issuer: fc.Arbitrary<CertificateIssuer> = recordOf<CertificateIssuer>({
  name,
  kind: words('Issuer', 'ClusterIssuer'),
  group: maybe(host),
});

const root: fc.Arbitrary<RootOfTrust> = fc.oneof(
  recordOf<Extract<RootOfTrust, { kind: 'generated' }>>({ kind: kind('generated'), lifetime: span }),
  recordOf<Extract<RootOfTrust, { kind: 'certManager' }>>({ kind: kind('certManager'), issuer, lifetime: span }),
  recordOf<Extract<RootOfTrust, { kind: 'secret' }>>({ kind: kind('secret'), name }),
);

export const capture: fc.Arbitrary<Capture> = fc.oneof(
  recordOf<Extract<Capture, { kind: 'names' }>>({ kind: kind('names') }),
  recordOf<Extract<Capture, { kind: 'transparent' }>>({
    kind: kind('transparent'),
    excludeInboundPorts: few(port),
    excludeOutboundPorts: few(port),
    excludeOutboundAddresses: few(cidr),
  }),
);

export const mutualTls = words('strict', 'permissive');

export const mesh: fc.Arbitrary<Mesh> = recordOf<Mesh>({
  name,
  namespace: fc.constant('mesh-system'),
  trustDomain: host,
  clusterDomain: words('cluster.local', 'k8s.example'),
  certificates: recordOf<Mesh['certificates']>({ lifetime: span, root }),
  mutualTls,
  capture,
  networkPolicies: words('open', 'declared', 'none'),
  defaults: recordOf<Mesh['defaults']>({ timeout: duration, retries }),
  telemetry,
  controlPlane: recordOf<Mesh['controlPlane']>({ image, replicas: fc.integer({ min: 1, max: 9 }), resources }),
  proxy: recordOf<Mesh['proxy']>({ image, resources, concurrency: fc.integer({ min: 1, max: 16 }) }),
  gatewayApi: maybe(words('standard', 'experimental')),
});
