import { Construct } from 'constructs';
import {
  type AccessPolicy as AccessPolicyModel,
  type AccessRule as AccessRuleModel,
  type AccessSource,
  type DurationText,
  type ExternalAuthorization,
  type JwtIssuer,
  locate,
  type OutsidePort,
  type OutsideSource,
  order,
  type Value,
} from '../model';
import { Declaration } from './declaration';
import { type GrpcMatcher, type HttpMatcher, toRequestMatch } from './match';
import type { Service } from './service';
import type { Workload } from './workload';

export interface AccessPolicyProps {
  /** The service (or, for its outside ports, the workload) that the policy protects. */
  readonly service: Service | Workload;
  /** Who may call and who may not, beyond what edges give: {@link AccessRule}. A deny beats every allow. @default - none */
  readonly rules?: readonly AccessRuleOptions[];
  /** Issuers whose tokens are verified. A token that is there and not valid is refused with 401. @default - none */
  readonly jwt?: readonly JwtOptions[];
  /** Asks another service about each request. @default - nobody is asked */
  readonly externalAuthorization?: ExternalAuthorizationOptions;
  /** Ports of the pods that stay outside the mesh, and who may reach them. @default - none */
  readonly outsidePorts?: readonly OutsidePortOptions[];
}

export interface AccessRuleOptions {
  readonly action: 'allow' | 'deny';
  /** Only counted and logged, never enforced. @default false */
  readonly shadow?: boolean;
  /** Callers; one of them must it be. @default - everyone who has an identity in the mesh */
  readonly from?: readonly AccessSourceOptions[];
  /** Ports of the service. @default - all */
  readonly ports?: readonly number[];
  /** Requests; one of them must match. @default - every request */
  readonly requests?: readonly (HttpMatcher | GrpcMatcher)[];
  /** What the verified token must hold: a claim, by dotted path, and the values it may have. @default - nothing */
  readonly claims?: { readonly [claim: string]: string | readonly string[] };
}

/** A service or workload of the mesh, or one of {@link Source}. */
export type AccessSourceOptions = Service | Workload | AccessSource;

/** Who a rule is about, where it is not a service or workload. */
export const Source = {
  /** Every identity of a namespace. */
  namespace: (namespace: string): AccessSource => ({ kind: 'namespace', namespace }),
  /** An identity by its service account. */
  serviceAccount: (namespace: string, serviceAccount: string): AccessSource => ({
    kind: 'identity',
    namespace,
    serviceAccount,
  }),
  /** Connections from these addresses (CIDR), with a mesh identity or without. */
  address: (cidr: string): AccessSource => ({ kind: 'address', cidr }),
  /** Pods of a namespace without a mesh identity, such as an ingress controller or a Prometheus; they speak plain text. */
  outside: (namespace: string): AccessSource => ({ kind: 'outside', namespace }),
};

/** Rules of an access policy. */
export const AccessRule = {
  allow: (options: Omit<AccessRuleOptions, 'action'> = {}): AccessRuleOptions => ({ action: 'allow', ...options }),
  deny: (options: Omit<AccessRuleOptions, 'action'> = {}): AccessRuleOptions => ({ action: 'deny', ...options }),
};

export interface JwtOptions {
  readonly issuer: Value<string>;
  /** One of them must be the token's. @default - any */
  readonly audiences?: readonly Value<string>[];
  /** Where the issuer's keys are, or the keys themselves (JWKS). */
  readonly keys:
    | { readonly uri: Value<string> /** @default 5m */; readonly refresh?: DurationText }
    | { readonly inline: Value<string> };
  /** Where the token stands. @default - `authorization: Bearer` */
  readonly from?: { readonly header: string } | { readonly query: string };
  /** Claims that the application sees as headers. @default - none */
  readonly forward?: { readonly [claim: string]: string };
}

export interface ExternalAuthorizationOptions {
  /** Speaks Envoy's external authorization, over gRPC or HTTP as its port says. */
  readonly service: Service;
  /** Port of it. @default - its only one */
  readonly port?: number;
  /** @default 500ms */
  readonly timeout?: DurationText;
  /** What happens when it cannot be asked. @default deny */
  readonly onFailure?: 'allow' | 'deny';
  /** Only these requests are asked about. @default - all */
  readonly requests?: readonly (HttpMatcher | GrpcMatcher)[];
  /** Request headers that it is shown beside method, path and host. @default - authorization and cookie */
  readonly headers?: readonly string[];
}

export interface OutsidePortOptions {
  readonly port: number;
  /** @default tcp */
  readonly protocol?: 'tcp' | 'udp';
  /** Who may reach it. @default - nobody but the kubelet */
  readonly from?: readonly OutsideSource[];
}

/** Who may reach a port that stays outside the mesh. */
export const OutsideFrom = {
  namespace: (namespace: string): OutsideSource => ({ kind: 'namespace', namespace }),
  address: (cidr: string): OutsideSource => ({ kind: 'address', cidr }),
  anyone: (): OutsideSource => ({ kind: 'anyone' }),
};

/** Who may call a service beyond what edges give, and what is asked of a request before it is let in. */
export class AccessPolicy extends Construct {
  readonly name: string;
  private readonly declaration: Declaration;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AccessPolicyProps,
  ) {
    super(scope, id);
    this.name = id;
    this.declaration = new Declaration(this, {
      fragment: () => ({ accessPolicies: [this.toModel()] }),
      locators: () => [locate('AccessPolicy', { namespace: props.service.namespace, name: this.name })],
    });
  }

  private toModel(): AccessPolicyModel {
    const { props } = this;
    return {
      namespace: props.service.namespace,
      name: this.name,
      service: props.service.name,
      origin: 'declared',
      rules: (props.rules ?? []).map(toRule),
      jwt: (props.jwt ?? []).map((jwt, index) => this.jwt(jwt, index)),
      externalAuthorization: this.externalAuthorization(),
      outsidePorts: (props.outsidePorts ?? []).map(toOutsidePort),
    };
  }

  private jwt(options: JwtOptions, index: number): JwtIssuer {
    const { declaration } = this;
    const at = `jwt.${index}`;
    const { keys, from } = options;
    return {
      issuer: declaration.text(`${at}.issuer`, options.issuer),
      audiences: (options.audiences ?? []).map((audience, i) => declaration.text(`${at}.audiences.${i}`, audience)),
      keys:
        'inline' in keys
          ? { kind: 'inline', jwks: declaration.text(`${at}.keys.inline`, keys.inline) }
          : {
              kind: 'remote',
              uri: declaration.text(`${at}.keys.uri`, keys.uri),
              refresh: declaration.duration(`${at}.keys.refresh`, keys.refresh),
            },
      from:
        from &&
        ('header' in from ? { kind: 'header', name: from.header.toLowerCase() } : { kind: 'query', name: from.query }),
      forward: Object.entries(options.forward ?? {})
        .map(([claim, header]) => ({ claim, header: header.toLowerCase() }))
        .sort((a, b) => order(a.claim, b.claim)),
    };
  }

  private externalAuthorization(): ExternalAuthorization | undefined {
    const options = this.props.externalAuthorization;
    if (!options) return undefined;
    const { declaration } = this;
    const target = options.service._target();
    const fitting = target.ports.filter((port) =>
      options.port === undefined ? port.protocol !== 'udp' : port.port === options.port,
    );
    const [port] = fitting;
    if (!port || fitting.length > 1) {
      declaration.mistake(
        'MESH0501',
        `externalAuthorization must name one port of ${target.name}, which has ${target.ports.map((one) => one.port).join(', ') || 'none'}`,
        'give `port`',
      );
    }
    return {
      service: { namespace: target.namespace, name: target.name },
      port: port?.port ?? 80,
      protocol: port?.protocol === 'grpc' ? 'grpc' : 'http',
      timeout: declaration.duration('externalAuthorization.timeout', options.timeout) ?? 500,
      onFailure: options.onFailure ?? 'deny',
      requests: (options.requests ?? []).map(toRequestMatch),
      headers: [...(options.headers ?? ['authorization', 'cookie'])].map((header) => header.toLowerCase()).sort(order),
    };
  }
}

function toRule(options: AccessRuleOptions): AccessRuleModel {
  return {
    action: options.action,
    shadow: options.shadow ?? false,
    from: (options.from ?? []).map(
      (source): AccessSource => ('kind' in source ? source : { kind: 'identity', ...source.identity }),
    ),
    ports: [...(options.ports ?? [])].sort((a, b) => a - b),
    requests: (options.requests ?? []).map(toRequestMatch),
    claims: Object.entries(options.claims ?? {})
      .map(([claim, values]) => ({ claim, values: typeof values === 'string' ? [values] : [...values] }))
      .sort((a, b) => order(a.claim, b.claim)),
  };
}

function toOutsidePort(options: OutsidePortOptions): OutsidePort {
  return { port: options.port, protocol: options.protocol ?? 'tcp', from: options.from ?? [] };
}
