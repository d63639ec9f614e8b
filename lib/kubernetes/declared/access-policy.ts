import {
  type AccessPolicy,
  type AccessRule,
  type AccessSource,
  type ClaimMatch,
  type ExternalAuthorization,
  type JwtIssuer,
  type JwtKeys,
  lookup,
  type Model,
  type OutsidePort,
  type OutsideSource,
  Ref,
  type Workload,
} from '../../model';
import type { Manifest } from '../manifest';
import { refOf } from './object';
import type { Observed } from './observed';
import { encodeOwn } from './own-kind';
import { requestMatch } from './parts/match';
import { identity, serviceReference } from './parts/reference';
import { type Target, targetRefs } from './parts/target';
import {
  choice,
  cidr,
  counted,
  duration,
  fields,
  flag,
  label,
  list,
  listed,
  nothing,
  oneOf,
  optional,
  otherwise,
  port,
  required,
  type Shape,
  single,
  text,
  token,
  variant,
} from './shape';

const namespace = single('namespace', label);
const address = single('cidr', cidr);

const source: Shape<AccessSource> = oneOf<AccessSource>({
  identity: variant(identity, 'Whoever runs as this service account.'),
  namespace: variant(namespace, 'Every identity of this namespace.'),
  address: variant(address, 'Connections from these addresses, with a mesh identity or without.'),
  outside: variant(
    fields<{ readonly namespace: string }>({ namespace: required(label, 'Their namespace.') }),
    'Pods without a mesh identity: an ingress controller, a Prometheus. They arrive in plain text.',
  ),
});

const claimName = text({ maxLength: 256, pattern: '^[^.]+(\\.[^.]+)*$' });

const claim: Shape<ClaimMatch> = fields<ClaimMatch>({
  claim: required(claimName, 'Path of the claim, with dots: realm_access.roles.'),
  values: required(
    list(text({ maxLength: 1024 }), { minItems: 1, maxItems: 64 }),
    'It is one of these; a list holds one of them.',
  ),
});

const rule: Shape<AccessRule> = fields<AccessRule>({
  action: required(
    choice<AccessRule['action']>({ allow: 'Allow', deny: 'Deny' }),
    'What happens to a request that fits. A Deny beats every Allow, and what nothing allows is denied.',
  ),
  shadow: otherwise(false, flag, 'True: only counted and logged, never enforced. Absent: enforced.'),
  from: listed(
    list(counted(source), { maxItems: 4_096 }),
    'One of them must be the caller; each is one of its fields. Absent: any caller that has an identity in the mesh.',
  ),
  ports: listed(list(port, { maxItems: 64, unique: true }), 'Ports of the service. Absent: all.'),
  requests: listed(list(requestMatch, { maxItems: 64 }), 'One of them must match the request. Absent: every request.'),
  claims: listed(list(claim, { maxItems: 16 }), 'Each must hold of the verified token.'),
});

const keys: Shape<JwtKeys> = oneOf<JwtKeys>({
  inline: variant(single('jwks', text({ maxLength: 65_536 })), 'A JSON Web Key Set (RFC 7517).'),
  remote: variant(
    fields<Omit<Extract<JwtKeys, { readonly kind: 'remote' }>, 'kind'>>({
      uri: required(
        text({ maxLength: 2_048, pattern: '^https?://' }),
        'Where a JSON Web Key Set is: at a declared external service, or at a service of the mesh.',
      ),
      refresh: optional(duration, 'How long it is kept. Absent: 5m.'),
    }),
    'Fetched and refreshed by the proxy.',
  ),
});

const issuer: Shape<JwtIssuer> = fields<JwtIssuer>({
  issuer: required(text({ maxLength: 1_024 }), 'Claim iss of its tokens.'),
  audiences: listed(list(text({ maxLength: 1_024 }), { maxItems: 32 }), 'Claim aud must be one of these. Absent: any.'),
  keys: required(keys, 'Keys that its tokens are signed with.'),
  from: optional(
    fields<NonNullable<JwtIssuer['from']>>({
      kind: required(
        choice<NonNullable<JwtIssuer['from']>['kind']>({ header: 'Header', query: 'Query' }),
        'A header or a query parameter.',
        'type',
      ),
      name: required(token, 'Its name.'),
    }),
    'What carries the token. Absent: the header authorization, after Bearer.',
  ),
  forward: listed(
    list(
      fields<JwtIssuer['forward'][number]>({
        claim: required(claimName, 'Path of the claim.'),
        header: required(token, 'Header that the application gets it in.'),
      }),
      { maxItems: 32 },
    ),
    'Claims that are handed on to the application as headers.',
  ),
});

const externalAuthorization: Shape<ExternalAuthorization> = fields<ExternalAuthorization>({
  service: required(serviceReference, 'Service of the mesh that is asked.'),
  port: required(port, 'Its port.'),
  protocol: required(
    choice<ExternalAuthorization['protocol']>({ grpc: 'GRPC', http: 'HTTP' }),
    'How it is asked: envoy.service.auth.v3 over gRPC, or plain HTTP.',
  ),
  timeout: required(duration, 'How long it has.'),
  onFailure: required(
    choice<ExternalAuthorization['onFailure']>({ allow: 'Allow', deny: 'Deny' }),
    'What happens when it cannot be asked.',
  ),
  requests: listed(list(requestMatch, { maxItems: 64 }), 'Only these requests are asked about. Absent: all.'),
  headers: listed(
    list(token, { maxItems: 64 }),
    'Headers of the request that it is shown beside method, path and host.',
  ),
});

const outsideSource: Shape<OutsideSource> = oneOf<OutsideSource>({
  namespace: variant(namespace, 'Pods of this namespace.'),
  address: variant(address, 'These addresses.'),
  anyone: variant(nothing, 'Everybody.'),
});

const outsidePort: Shape<OutsidePort> = fields<OutsidePort>({
  port: required(port, 'Port of the pods.'),
  protocol: required(choice<OutsidePort['protocol']>({ tcp: 'TCP', udp: 'UDP' }), 'Its transport.'),
  from: listed(list(outsideSource, { maxItems: 64 }), 'Who may reach it. Absent: nobody but the kubelet.'),
});

/** The spec of a policy; what its target is called depends on what it is. */
const specAbout = (target: Shape<string>) =>
  fields<Omit<AccessPolicy, 'namespace' | 'name'>>({
    service: required(
      target,
      'The Service that is called, or the ServiceAccount of a workload that is not called.',
      'targetRefs',
    ),
    origin: otherwise<AccessPolicy['origin']>(
      'declared',
      choice<AccessPolicy['origin']>({ edges: 'Edges', declared: 'Declared' }),
      'Edges: written by synthesis from the declared calls and routes. Declared, or absent: written by a person.',
    ),
    rules: listed(list(rule, { maxItems: 4_096 }), 'Who may call, and who may not.'),
    jwt: listed(
      list(issuer, { maxItems: 16 }),
      'Whose tokens are verified; a token that is there and not valid is refused with 401.',
    ),
    externalAuthorization: optional(externalAuthorization, 'A service that is asked about each request.'),
    outsidePorts: listed(
      list(outsidePort, { maxItems: 64 }),
      'Ports of the pods that stay outside the mesh, and who may reach them.',
    ),
  });

export function encodeAccessPolicies(model: Model): readonly Manifest[] {
  const find = lookup(model);
  return model.accessPolicies.flatMap((policy) => {
    const { namespace } = policy;
    const about = { namespace, name: policy.service };
    const workload = find.service(about) ? undefined : find.workload(about);
    const target: Target = workload
      ? { kind: 'ServiceAccount', name: workload.serviceAccount }
      : { kind: 'Service', name: policy.service };
    return encodeOwn<AccessPolicy>(model, 'AccessPolicy', specAbout(encodedTarget(target)), [policy]);
  });
}

/**
 * Reads policies. Everything else that cannot be read is left out; but to leave out a policy that denies would open what it
 * closes, so it denies everything until it can be read.
 */
export function decodeAccessPolicies(observed: Observed, workloads: readonly Workload[]): readonly AccessPolicy[] {
  const byAccount = new Map(
    workloads.map(({ namespace, serviceAccount, name }) => [Ref.key({ namespace, name: serviceAccount }), name]),
  );
  return observed.own('AccessPolicy').flatMap((manifest): readonly AccessPolicy[] => {
    const { namespace, name } = refOf(manifest);
    const target = decodedTarget((account) => byAccount.get(Ref.key({ namespace, name: account })));
    const read = observed.read(manifest, (reader) => ({
      namespace,
      name,
      ...specAbout(target).decode(manifest.spec, reader.at('spec')),
    }));
    return read ? [read] : onlyAllows(manifest) ? [] : denyAll(manifest);
  });
}

const targets = targetRefs(['Service', 'ServiceAccount']);

function encodedTarget(target: Target): Shape<string> {
  return { ...targets, encode: () => targets.encode(target), decode: (_, reader) => reader.fail('is only written') };
}

function decodedTarget(workloadOf: (serviceAccount: string) => string | undefined): Shape<string> {
  return {
    ...targets,
    encode: (name) => targets.encode({ kind: 'Service', name }),
    decode: (json, reader) => {
      const { kind, name } = targets.decode(json, reader);
      if (kind === 'Service') return name;
      return (
        workloadOf(name) ??
        reader
          .at(0)
          .at('name')
          .fail(`no workload of the mesh runs as service account ${name} of namespace ${reader.namespace}`)
      );
    },
  };
}

function onlyAllows(manifest: Manifest): boolean {
  const { rules = [], jwt, externalAuthorization } = manifest.spec ?? {};
  const isAllow = (rule: { readonly action?: unknown } | null) => rule?.action === 'Allow';
  return Array.isArray(rules) && rules.every(isAllow) && jwt === undefined && externalAuthorization === undefined;
}

/** Closes the Services that an unreadable policy seems to be about. */
function denyAll(manifest: Manifest): readonly AccessPolicy[] {
  const { namespace, name } = refOf(manifest);
  const references: readonly unknown[] = Array.isArray(manifest.spec?.targetRefs) ? manifest.spec.targetRefs : [];
  const services = references.flatMap((reference) => {
    const { kind, name: service } = (reference ?? {}) as { readonly kind?: unknown; readonly name?: unknown };
    return kind === 'Service' && typeof service === 'string' ? [service] : [];
  });
  return services.map((service) => ({
    namespace,
    name,
    service,
    origin: 'declared',
    rules: [{ action: 'deny', shadow: false, from: [], ports: [], requests: [], claims: [] }],
    jwt: [],
    outsidePorts: [],
  }));
}

/** Its schema says nothing of what the target is called. */
export const accessPolicySchema = specAbout(decodedTarget(() => undefined)).schema;
