import type {
  CertificateIssuer,
  Certificates,
  ControlPlane,
  Mesh,
  Model,
  ProxySettings,
  RootOfTrust,
  TrafficDefaults,
} from '../../model';
import { names } from '../../model';
import type { Manifest } from '../manifest';
import { object } from './object';
import type { Observed } from './observed';
import { capture } from './parts/capture';
import { retries } from './parts/resilience';
import { resources } from './parts/resources';
import { telemetry } from './parts/telemetry';
import {
  choice,
  count,
  duration,
  fields,
  integer,
  label,
  lawful,
  oneOf,
  optional,
  required,
  type Shape,
  subdomain,
  text,
  variant,
} from './shape';

type Without<T, K> = T extends unknown ? Omit<T, K & keyof T> : never;
type Root<K extends RootOfTrust['kind']> = Without<Extract<RootOfTrust, { readonly kind: K }>, 'kind'>;

const issuer: Shape<CertificateIssuer> = fields<CertificateIssuer>({
  name: required(subdomain, 'Name of the issuer.'),
  kind: required(
    choice<CertificateIssuer['kind']>({ Issuer: 'Issuer', ClusterIssuer: 'ClusterIssuer' }),
    "Issuer, of the control plane's namespace, or ClusterIssuer.",
  ),
  group: optional(subdomain, 'Its API group. Absent: cert-manager.io.'),
});

const root: Shape<RootOfTrust> = oneOf<RootOfTrust>({
  generated: variant(
    fields<Root<'generated'>>({ lifetime: required(duration, 'Of the root certificate.') }),
    'Made in the cluster on first start and kept in a Secret there.',
  ),
  certManager: variant(
    fields<Root<'certManager'>>({
      issuer: required(issuer, 'Who signs.'),
      lifetime: required(duration, 'Of the intermediate certificate.'),
    }),
    'An issuer of cert-manager signs an intermediate certificate.',
  ),
  secret: variant(
    fields<Root<'secret'>>({ name: required(subdomain, 'Name of the Secret.') }),
    "A Secret of the control plane's namespace with tls.crt, tls.key and ca.crt.",
  ),
});

const image = text({ maxLength: 512 });

export const meshSpec = fields<Omit<Mesh, 'name'>>({
  namespace: required(label, 'Where the control plane runs.'),
  trustDomain: required(
    lawful(text({ maxLength: 255, pattern: '^[a-z0-9._-]+$' }), {
      rule: 'self == oldSelf',
      message:
        'trustDomain cannot change: every certificate and every authorization names it; make a second mesh and move into it',
    }),
    'Authority of every SPIFFE ID of the mesh: spiffe://<trust domain>/ns/<namespace>/sa/<service account>.',
  ),
  clusterDomain: required(subdomain, "DNS domain of the cluster's Services."),
  certificates: required(
    fields<Certificates>({
      lifetime: required(duration, 'Of the certificate of each proxy; it is renewed at half of it.'),
      root: required(root, 'Where the root of trust comes from.'),
    }),
    'Certificates of proxies.',
  ),
  mutualTls: required(
    choice<Mesh['mutualTls']>({ strict: 'Strict', permissive: 'Permissive' }),
    'Strict: plain text is refused. Permissive: it is accepted, while callers move into the mesh.',
  ),
  capture: required(capture, 'How traffic of a pod comes to its sidecar.'),
  networkPolicies: required(
    choice<Mesh['networkPolicies']>({ open: 'Open', declared: 'Declared', none: 'None' }),
    'What NetworkPolicies let a pod of the mesh reach inside it. Open: any inbound port of the mesh, so that an undeclared call meets an answer that names the missing edge. Declared: only its declared edges. None: no NetworkPolicy is written.',
  ),
  defaults: required(
    fields<TrafficDefaults>({
      timeout: required(duration, 'Of a whole request. 0s: no limit.'),
      retries: required(retries, 'What is tried again.'),
    }),
    'What holds for every edge that says nothing else.',
  ),
  telemetry: required(telemetry, 'What is observed of every service that says nothing else.'),
  controlPlane: required(
    fields<ControlPlane>({
      image: required(image, 'Its container image.'),
      replicas: required(integer({ minimum: 1, maximum: 100 }), 'Equal replicas; one of them writes.'),
      resources: required(resources, 'Of each replica.'),
    }),
    'The control plane.',
  ),
  proxy: required(
    fields<ProxySettings>({
      image: required(image, 'Container image of Envoy.'),
      resources: required(resources, 'Of each sidecar.'),
      concurrency: required(count, 'Worker threads of a sidecar.'),
    }),
    'Sidecars.',
  ),
  gatewayApi: optional(
    choice<NonNullable<Mesh['gatewayApi']>>({ standard: 'Standard', experimental: 'Experimental' }),
    "Channel of Gateway API's CRDs that was written beside the mesh's own. Absent: they were there already.",
  ),
});

export function encodeMesh(model: Model): readonly Manifest[] {
  const { name } = model.mesh;
  const spec = meshSpec.encode(model.mesh, { namespace: model.mesh.namespace });
  return [object(model, [names.apiVersion, 'Mesh'], { name }, { spec })];
}

/** The one mesh of a cluster. Without it, or with several, nobody can say what the other objects mean. */
export function decodeMesh(observed: Observed): Mesh | undefined {
  const [manifest, ...others] = observed.own('Mesh');
  if (!manifest) {
    observed.problems.push({
      object: 'Mesh',
      path: '',
      message: 'there is none in the cluster; apply the one that synthesis writes',
    });
    return undefined;
  }
  if (others.length > 0) {
    const found = [manifest, ...others].map(({ metadata }) => metadata.name).sort();
    observed.problems.push({
      object: 'Mesh',
      path: '',
      message: `there must be one in a cluster, got ${found.length} (${found.join(', ')}); delete all but one`,
    });
    return undefined;
  }
  const { name } = manifest.metadata;
  return observed.read(manifest, (reader) => ({ name, ...meshSpec.decode(manifest.spec, reader.at('spec')) }));
}
