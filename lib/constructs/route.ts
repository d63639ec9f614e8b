import { Construct } from 'constructs';
import {
  type Backend,
  type Cors,
  type Fault,
  type GlobalRateLimit,
  type HeaderChanges,
  type HttpAction,
  hash,
  locate,
  type Mirror,
  type Model,
  names,
  order,
  Port,
  type Protocol,
  type RateLimit,
  type Ref,
  type Rewrite,
  type Route as RouteModel,
  type RouteParent,
  type RuleActions,
  type SessionAffinity,
} from '../model';
import { Declaration } from './declaration';
import { type GrpcMatcher, type HttpMatcher, toGrpcMatch, toHttpMatch } from './match';
import { toRetries } from './resilience';
import type {
  HeaderChangeOptions,
  HttpRouteOptions,
  RequestRouteOptions,
  RouteProps,
  TlsRouteOptions,
} from './route-options';
import type { Service, Version } from './service';

export type { RouteProps } from './route-options';

/** Any route, whatever its protocol: each of its options may be given. */
type AnyRouteProps = Partial<
  Omit<HttpRouteOptions<string, Protocol>, 'match' | 'to' | 'mirror'> &
    Omit<TlsRouteOptions<string>, 'to'> & {
      readonly match: HttpMatcher | GrpcMatcher | readonly (HttpMatcher | GrpcMatcher)[];
      readonly to: AnyDestination | readonly (Pick<AnySplit, 'to' | 'weight'> & Partial<AnySplit>)[];
      readonly mirror: AnyMirror | readonly AnyMirror[];
      /** Hosts of a gateway's route. */
      readonly hosts: readonly string[];
    }
>;

type AnyDestination = Version | Service;
interface AnySplit {
  readonly to: AnyDestination;
  readonly weight?: number;
  readonly requestHeaders?: HeaderChangeOptions;
  readonly responseHeaders?: HeaderChangeOptions;
}
interface AnyMirror {
  readonly to: AnyDestination;
  readonly percent?: number;
}

/** What a route is attached to. */
interface Attachment {
  readonly namespace: string;
  /** Prefix of the route's name. */
  readonly name: string;
  /** The service whose requests are routed; of a gateway there is none. */
  readonly service?: Service;
  parents(port: Port): readonly RouteParent[];
  ports(): readonly Port[];
}

/** A route of a service or of a gateway; made by their `addRoute`. @internal */
export class Route extends Construct {
  static ofService<Name extends string, P extends Protocol>(
    service: Service<Name, P>,
    props: RouteProps<Name, P>,
  ): Route {
    const attachment: Attachment = {
      namespace: service.namespace,
      name: service.name,
      service: service as Service,
      parents: (port) => [{ kind: 'service', ...service.ref, port: port.port }],
      ports: () => service._target().ports,
    };
    return new Route(service, attachment, props as unknown as AnyRouteProps);
  }

  /** The protocol of a gateway's route is that of the port it leads to, or HTTP where it leads nowhere. No listener: all. */
  static ofGateway(scope: Construct, gateway: Ref, listeners: () => readonly string[], props: object): Route {
    const attachment: Attachment = {
      namespace: gateway.namespace,
      name: gateway.name,
      parents: () => {
        const named = listeners();
        if (named.length === 0) return [{ kind: 'gateway', ...gateway }];
        return named.map((listener) => ({ kind: 'gateway', ...gateway, listener }));
      },
      ports: () => [],
    };
    return new Route(scope, attachment, props as AnyRouteProps);
  }

  readonly name: string;
  private readonly declaration: Declaration;

  private constructor(
    scope: Construct,
    private readonly attachment: Attachment,
    private readonly props: AnyRouteProps,
  ) {
    const suffix = props.name ?? nameOfMatch(props);
    const id = `route-${suffix}`;
    super(scope, scope.node.tryFindChild(id) ? `${id}-${scope.node.children.length}` : id);
    this.name = names.objectName(`${attachment.name}-${suffix}`);
    this.declaration = new Declaration(this, {
      fragment: (): { readonly routes: Model['routes'] } => ({ routes: this.toModel() }),
      locators: () => [locate('Route', { namespace: attachment.namespace, name: this.name })],
    });
  }

  private toModel(): readonly RouteModel[] {
    const port = this.port();
    if (!port) return [];
    const { attachment, props } = this;
    const base = { namespace: attachment.namespace, name: this.name, parents: attachment.parents(port) };
    const backends = this.backends(port);
    switch (port.protocol) {
      case 'http':
      case 'http2':
        return [
          {
            kind: 'http',
            ...base,
            hostnames: props.hosts ?? [],
            rules: [
              {
                matches: list(props.match).map((match) => toHttpMatch(match as HttpMatcher)),
                action: this.action(backends),
                ...this.actions(),
              },
            ],
          },
        ];
      case 'grpc':
        return [
          {
            kind: 'grpc',
            ...base,
            hostnames: props.hosts ?? [],
            rules: [
              {
                matches: list(props.match).map((match) => toGrpcMatch(match as GrpcMatcher)),
                action: { kind: 'forward', backends },
                ...this.actions(),
              },
            ],
          },
        ];
      case 'tls':
        return [{ kind: 'tls', ...base, hostnames: props.serverNames ?? props.hosts ?? [], backends }];
      case 'tcp':
        return [{ kind: 'tcp', ...base, backends }];
      case 'udp':
        this.declaration.mistake('MESH0401', 'a route on a UDP port', 'UDP is not proxied: leave the route out');
        return [];
    }
  }

  /** The port whose requests are routed: that of the service, or, of a gateway, that of its first destination. */
  private port(): Port | undefined {
    const { service } = this.attachment;
    const wanted = this.props.port;
    if (!service) {
      const destination = this.splits()[0]?.to;
      return destination ? this.portOf(destination) : { name: 'http', port: 80, targetPort: 80, protocol: 'http' };
    }
    const candidates = this.attachment.ports().filter((port) => port.protocol !== 'udp');
    const fitting =
      wanted === undefined ? candidates : candidates.filter((port) => port.port === wanted || port.name === wanted);
    if (fitting.length === 1) return fitting[0];
    const shown = candidates.map((port) => `${port.name} (${port.port})`).join(', ') || 'none';
    this.declaration.mistake(
      'MESH0402',
      wanted === undefined
        ? `a route of ${service.name} must say which port it is for, because there are several: ${shown}`
        : `a route of ${service.name} names port ${JSON.stringify(wanted)}, but its ports are: ${shown}`,
      'name one of them with `port`',
    );
    return undefined;
  }

  private splits(): readonly AnySplit[] {
    const { to } = this.props;
    if (to === undefined) return [];
    return Array.isArray(to) ? (to as readonly AnySplit[]) : [{ to: to as AnyDestination }];
  }

  private backends(port: Port): readonly Backend[] {
    const splits = this.splits();
    const unweighted = splits.filter((split) => split.weight === undefined);
    if (unweighted.length > 1) {
      this.declaration.mistake(
        'MESH0403',
        `${unweighted.length} destinations have no weight (${unweighted.map((split) => split.to.name).join(', ')})`,
        'give each a weight; one may be left out and gets the rest',
      );
    }
    const given = splits.reduce((sum, split) => sum + (split.weight ?? 0), 0);
    return splits.map((split) => ({
      ...this.target(split.to, port),
      weight: split.weight ?? Math.max(0, 100 - given),
      requestHeaders: this.headerChanges('requestHeaders', split.requestHeaders),
      responseHeaders: this.headerChanges('responseHeaders', split.responseHeaders),
    }));
  }

  private target(
    to: AnyDestination,
    port: Port,
  ): { readonly service: Ref; readonly version?: string; readonly port: number } {
    const service = isVersion(to) ? to.service : to;
    const own = this.attachment.service && service === this.attachment.service;
    const target = own ? port : (this.portOf(to) ?? port);
    return { service: service.ref, ...(isVersion(to) ? { version: to.name } : {}), port: target.port };
  }

  /** The port of another service that a route leads to: its only one, or the only one that speaks what the route does. */
  private portOf(to: AnyDestination): Port | undefined {
    const service = isVersion(to) ? to.service : to;
    const callable = service._target().ports.filter((port) => port.protocol !== 'udp');
    if (callable.length === 1) return callable[0];
    const wanted = this.attachment.service
      ? this.attachment.ports().find((port) => port.port === this.props.port || port.name === this.props.port)
      : undefined;
    const same = callable.filter((port) =>
      wanted ? port.protocol === wanted.protocol : port.port === this.props.port || port.name === this.props.port,
    );
    if (same.length === 1) return same[0];
    const web = this.props.port === undefined ? callable.filter((port) => Port.isHttp(port.protocol)) : [];
    if (web.length === 1) return web[0];
    this.declaration.mistake(
      'MESH0404',
      `a route leads to ${service.name}, which has several ports: ${callable.map((port) => `${port.name} (${port.port})`).join(', ') || 'none'}`,
      'name the port with `port`',
    );
    return undefined;
  }

  private action(backends: readonly Backend[]): HttpAction {
    const { redirect, respond } = this.props;
    const given = [redirect && 'redirect', respond && 'respond', backends.length > 0 && 'to'].filter(Boolean);
    if (given.length > 1) {
      this.declaration.mistake(
        'MESH0405',
        `a route has ${given.join(' and ')}`,
        'give one of `to`, `redirect` and `respond`',
      );
    }
    if (respond)
      return { kind: 'respond', status: respond.status, body: this.declaration.text('respond.body', respond.body) };
    if (!redirect) return { kind: 'forward', backends };
    const { path } = redirect;
    return {
      kind: 'redirect',
      scheme: redirect.scheme,
      host: this.declaration.text('redirect.host', redirect.host),
      port: redirect.port,
      path: path && ('full' in path ? { kind: 'full', value: path.full } : { kind: 'prefix', value: path.prefix }),
      status: redirect.status ?? 302,
    };
  }

  private actions(): RuleActions {
    const props: Partial<RequestRouteOptions<string, Protocol>> & AnyRouteProps = this.props as never;
    const mirrors = list(this.props.mirror);
    return {
      from:
        props.from &&
        [...props.from.map((caller) => caller.identity)].sort(
          (a, b) => order(a.namespace, b.namespace) || order(a.serviceAccount, b.serviceAccount),
        ),
      rewrite: this.rewrite(),
      requestHeaders: this.headerChanges('requestHeaders', props.requestHeaders),
      responseHeaders: this.headerChanges('responseHeaders', props.responseHeaders),
      mirrors: mirrors.length > 0 ? mirrors.map((mirror) => this.mirror(mirror)) : undefined,
      cors: this.cors(),
      timeout: this.declaration.duration('timeout', props.timeout),
      retries: toRetries(this.declaration, props.retries),
      sessionAffinity: this.sessionAffinity(),
      fault: this.fault(),
      rateLimit: this.rateLimit(),
    };
  }

  private rewrite(): Rewrite | undefined {
    const { rewrite } = this.props;
    if (!rewrite) return undefined;
    const { path } = rewrite;
    return {
      path:
        path &&
        ('full' in path
          ? { kind: 'full', value: path.full }
          : 'prefix' in path
            ? { kind: 'prefix', value: path.prefix }
            : { kind: 'regex', pattern: path.regex, substitution: path.with }),
      host: this.declaration.text('rewrite.host', rewrite.host),
    };
  }

  private headerChanges(property: string, changes: HeaderChangeOptions | undefined): HeaderChanges | undefined {
    if (!changes) return undefined;
    const values = (kind: 'set' | 'add') =>
      Object.entries(this.declaration.texts(`${property}.${kind}`, changes[kind] ?? {}))
        .map(([name, value]) => ({ name, value }))
        .sort((a, b) => order(a.name, b.name));
    return { set: values('set'), add: values('add'), remove: [...(changes.remove ?? [])].sort(order) };
  }

  private mirror(mirror: AnyMirror): Mirror {
    const service = isVersion(mirror.to) ? mirror.to.service : mirror.to;
    const own = this.attachment.service === service ? this.port() : undefined;
    const port = own ?? this.portOf(mirror.to);
    return {
      service: service.ref,
      ...(isVersion(mirror.to) ? { version: mirror.to.name } : {}),
      port: port?.port ?? 80,
      percent: mirror.percent ?? 100,
    };
  }

  private cors(): Cors | undefined {
    const { cors } = this.props;
    return (
      cors && {
        allowOrigins: cors.allowOrigins,
        allowMethods: cors.allowMethods ?? ['GET', 'HEAD', 'POST'],
        allowHeaders: cors.allowHeaders ?? [],
        exposeHeaders: cors.exposeHeaders ?? [],
        allowCredentials: cors.allowCredentials ?? false,
        maxAge: this.declaration.duration('cors.maxAge', cors.maxAge) ?? 5_000,
      }
    );
  }

  private sessionAffinity(): SessionAffinity | undefined {
    const { sessionAffinity } = this.props;
    if (!sessionAffinity) return undefined;
    if ('header' in sessionAffinity) return { kind: 'header', name: sessionAffinity.header.toLowerCase() };
    return {
      kind: 'cookie',
      name: sessionAffinity.cookie,
      ttl: this.declaration.duration('sessionAffinity.ttl', sessionAffinity.ttl),
    };
  }

  private fault(): Fault | undefined {
    const { fault } = this.props;
    if (!fault) return undefined;
    const { delay, abort } = fault;
    return {
      delay: delay && {
        duration: this.declaration.duration('fault.delay.duration', delay.duration) ?? 0,
        percent: delay.percent ?? 100,
      },
      abort: abort && {
        status: 'status' in abort ? { kind: 'http', status: abort.status } : { kind: 'grpc', status: abort.grpcStatus },
        percent: abort.percent ?? 100,
      },
    };
  }

  private rateLimit(): RateLimit | undefined {
    const { rateLimit } = this.props;
    if (!rateLimit) return undefined;
    const { local } = rateLimit;
    return {
      local: local && {
        requests: local.requests,
        per: this.declaration.duration('rateLimit.local.per', local.per) ?? 1_000,
        burst: local.burst,
      },
      global: this.globalRateLimit(),
    };
  }

  private globalRateLimit(): GlobalRateLimit | undefined {
    const global = this.props.rateLimit?.global;
    if (!global) return undefined;
    const target = global.service._target();
    const port = target.ports.find((one) => one.protocol === 'grpc');
    if (!port) {
      this.declaration.mistake(
        'MESH0406',
        `the rate limit service ${target.name} has no gRPC port`,
        'declare one: grpc(8081)',
      );
    }
    return {
      service: { namespace: target.namespace, name: target.name },
      port: port?.port ?? 80,
      domain: global.domain,
      descriptors: global.descriptors.map((descriptor) => {
        if (descriptor === 'source-address') return { kind: 'sourceAddress' };
        if (descriptor === 'source-identity') return { kind: 'sourceIdentity' };
        if ('header' in descriptor)
          return { kind: 'header', key: descriptor.key, header: descriptor.header.toLowerCase() };
        return { kind: 'value', key: descriptor.key, value: descriptor.value };
      }),
      onFailure: global.onFailure ?? 'allow',
    };
  }
}

/**
 * A name for a route that gave none: of what it matches, so that it stays when its action changes, and does not depend on
 * the order of statements.
 */
function nameOfMatch(props: AnyRouteProps): string {
  const callers = props.from?.map((caller) => `${caller.namespace}/${caller.name}`).sort(order);
  const matched = JSON.stringify([
    props.match ?? [],
    props.serverNames ?? [],
    props.hosts ?? [],
    callers ?? [],
    props.port ?? '',
  ]);
  return hash(matched).slice(0, 8);
}

/** A version knows its service. (The class itself is not asked, because services make routes.) */
function isVersion(destination: AnyDestination): destination is Version {
  return 'service' in destination;
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
