import type { ExternalService, ExternalTls, Model } from '../../model';
import type { Manifest } from '../manifest';
import type { Observed } from './observed';
import { decodeOwn, encodeOwn } from './own-kind';
import { localProcess } from './parts/local-process';
import {
  choice,
  fields,
  label,
  list,
  nothing,
  oneOf,
  optional,
  port,
  type Rule,
  required,
  type Shape,
  subdomain,
  text,
  variant,
} from './shape';

type Originate = Omit<Extract<ExternalTls, { readonly kind: 'originate' }>, 'kind'>;

const tls: Shape<ExternalTls> = oneOf<ExternalTls>({
  none: variant(nothing, 'Plain text as it is.'),
  passthrough: variant(nothing, 'The application speaks TLS itself; the server name is checked.'),
  originate: variant(
    fields<Originate>({
      serverName: optional(subdomain, 'Name that the certificate must bear. Absent: the host.'),
      trustedCa: optional(subdomain, "ConfigMap with ca.crt of whom to trust. Absent: the system's roots."),
    }),
    "The application speaks plain text; the sidecar makes it TLS and verifies the host's certificate.",
  ),
});

/** Where the two must fit: TLS is made once, by the application or by the sidecar. */
const laws: readonly Rule[] = [
  {
    rule: "(self.protocol == 'TLS') == has(self.tls.passthrough) || self.protocol == 'TCP'",
    message: 'tls must be passthrough when protocol is TLS, and only then or when it is TCP',
  },
  {
    rule: "!self.host.startsWith('*.') || self.protocol == 'TLS'",
    message: 'a wildcard host needs protocol TLS: many hosts are told apart by their server names alone',
  },
  {
    rule: "!self.host.startsWith('*.') || !has(self.addresses)",
    message: 'a wildcard host has no addresses: they are those of one host',
  },
];

export const externalServiceSpec = fields<Omit<ExternalService, 'namespace' | 'name'>>(
  {
    host: required(
      text({
        maxLength: 253,
        pattern: '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
      }),
      'A DNS name, or *.example.com where TLS is passed through.',
    ),
    port: required(port, 'Its port.'),
    protocol: required(
      choice<ExternalService['protocol']>({ http: 'HTTP', http2: 'HTTP2', grpc: 'GRPC', tls: 'TLS', tcp: 'TCP' }),
      'What the application speaks: HTTP (HTTP/1.1), HTTP2 (without TLS), GRPC, TLS (its own) or TCP.',
    ),
    tls: required(tls, 'Who makes TLS.'),
    via: optional(
      label,
      'Name of an egress gateway of the same namespace that its traffic passes. Absent: straight from the sidecar.',
    ),
    addresses: optional(
      list(text({ maxLength: 45, pattern: '^[0-9a-fA-F:.]+$' }), { minItems: 1, maxItems: 64, unique: true }),
      'Fixed addresses. Absent: DNS.',
    ),
    local: optional(
      localProcess,
      "What stands in for it on a developer's machine, in plain text where the sidecar makes TLS. Absent: the host itself.",
    ),
  },
  ...laws,
);

export function encodeExternalServices(model: Model): readonly Manifest[] {
  return encodeOwn<ExternalService>(model, 'ExternalService', externalServiceSpec, model.externalServices);
}

export function decodeExternalServices(observed: Observed): readonly ExternalService[] {
  return decodeOwn<ExternalService>(observed, 'ExternalService', externalServiceSpec);
}
