import { Construct } from 'constructs';
import {
  defaults,
  type GatewayListener,
  type GatewayTls,
  locate,
  names,
  order,
  type Protocol,
  type Ref,
  type Resources,
  type Value,
} from '../model';
import { Declaration, type ValueMap } from './declaration';
import { Route } from './route';
import type { GrpcRouteOptions, HttpRouteOptions, TcpRouteOptions, TlsRouteOptions } from './route-options';

export interface GatewayProps {
  /**
   * Name of the Gateway object.
   * @default - the construct's id
   */
  readonly name?: string;
  /**
   * Hosts that are served; `*.shop.example` for any name below.
   * @default - every host
   */
  readonly hosts?: readonly Value<string>[];
  /**
   * Certificate for the hosts. With one, HTTPS is served on 443, and HTTP on 80 only sends callers there.
   * @default - plain HTTP on port 80
   */
  readonly tls?: GatewayCertificate;
  /**
   * Listeners, where hosts and one certificate do not say enough (TLS by server name, TCP, other ports).
   * @default - made from `hosts` and `tls`
   */
  readonly listeners?: readonly ListenerOptions[];
  /**
   * How the gateway is reached.
   * @default LoadBalancer
   */
  readonly serviceType?: 'LoadBalancer' | 'ClusterIP' | 'NodePort';
  /**
   * Annotations of its Service, as cloud providers want them.
   * @default - none
   */
  readonly serviceAnnotations?: ValueMap;
  /**
   * Number of proxies.
   * @default 2
   */
  readonly replicas?: Value<number>;
  /**
   * What each proxy asks for and may use.
   * @default - as sidecars
   */
  readonly resources?: Resources;
}

export interface ListenerOptions {
  /**
   * Unique in the gateway.
   * @default - made from protocol, port and host
   */
  readonly name?: string;
  readonly port: number;
  /** `https` ends TLS at the gateway, `tls` passes it through by server name. */
  readonly protocol: 'http' | 'https' | 'tls' | 'tcp';
  /** @default - every host */
  readonly host?: Value<string>;
  /** @default - none; `https` needs one */
  readonly tls?: GatewayCertificate;
  /**
   * Namespaces whose routes may attach.
   * @default - only the gateway's own
   */
  readonly routesFrom?: readonly string[];
}

/** Where a gateway's certificate comes from. */
export type GatewayCertificate =
  /** A Secret of type `kubernetes.io/tls` in the gateway's namespace. */
  | { readonly secret: Value<string> }
  /** An issuer of cert-manager, which keeps the Secret. */
  | { readonly issuer: Value<string>; readonly issuerKind?: 'Issuer' | 'ClusterIssuer' };

/** A route of a gateway: of HTTP or gRPC requests, of TLS by server name, or of TCP connections. */
export type GatewayRouteProps = (
  | HttpRouteOptions<string, Protocol>
  | GrpcRouteOptions<string>
  | TlsRouteOptions<string>
  | TcpRouteOptions<string>
) & {
  /**
   * Hosts the route is for.
   * @default - those of the gateway
   */
  readonly hosts?: readonly string[];
  /**
   * Listener that the route is attached to.
   * @default - every listener that fits
   */
  readonly listener?: string;
};

/** Where requests come into the mesh from outside. What a route leads to may be called by the gateway, nothing else. */
export class Gateway extends Construct {
  readonly name: string;
  readonly namespace: string;
  private readonly declaration: Declaration;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GatewayProps = {},
  ) {
    super(scope, id);
    this.declaration = new Declaration(this, {
      fragment: () => ({ gateways: [this.toModel()] }),
      locators: () => [locate('Gateway', this.ref)],
    });
    this.name = props.name ?? id;
    this.namespace = this.declaration.namespace;
    if (this.redirects()) {
      Route.ofGateway(this, this.ref, () => ['http'], { name: 'to-https', redirect: { scheme: 'https', status: 301 } });
    }
  }

  get ref(): Ref {
    return { namespace: this.namespace, name: this.name };
  }

  /** Adds a route into the mesh. The more specific match wins, wherever its statement stands. */
  addRoute(props: GatewayRouteProps): void {
    Route.ofGateway(this, this.ref, () => this.listenersFor(props), props);
  }

  /** The listeners that a route is attached to; none: every one that fits. Beside HTTPS, plain HTTP is not for routes. */
  private listenersFor({ listener, hosts }: GatewayRouteProps): readonly string[] {
    if (listener !== undefined) return [listener];
    if (!this.redirects()) return [];
    const secure = this.usualListeners().filter((one) => one.protocol === 'https');
    const serving = secure.filter(
      (one) => !hosts || one.host === undefined || hosts.some((host) => overlaps(host, one.host ?? '')),
    );
    return (serving.length > 0 ? serving : secure).map((one) => one.name);
  }

  /** With hosts and a certificate plain HTTP only sends callers to HTTPS. */
  private redirects(): boolean {
    return this.props.tls !== undefined && this.props.listeners === undefined;
  }

  private toModel() {
    const { props, declaration } = this;
    return {
      ...this.ref,
      listeners: props.listeners
        ? props.listeners.map((listener, index) => this.listener(listener, index))
        : this.usualListeners(),
      service: {
        type: props.serviceType ?? 'LoadBalancer',
        annotations: declaration.texts('serviceAnnotations', props.serviceAnnotations ?? {}),
      },
      replicas: declaration.amount('replicas', props.replicas ?? defaults.gatewayReplicas),
      resources: props.resources,
    };
  }

  private usualListeners(): readonly GatewayListener[] {
    const { hosts, tls } = this.props;
    if (hosts && hosts.length === 0) {
      this.declaration.mistake(
        'MESH0702',
        '`hosts` is empty',
        'name the hosts that are served, or leave `hosts` out to serve every host',
      );
    }
    const served: readonly (string | undefined)[] = hosts
      ? hosts.map((host, index) => this.declaration.text(`hosts.${index}`, host))
      : [undefined];
    const named = (protocol: 'http' | 'https', host: string | undefined) =>
      served.length > 1 && host ? names.objectName(`${protocol}-${host}`) : protocol;
    const certificate = this.certificate('tls', tls, this.name);
    const plain = served.map(
      (host): GatewayListener => ({ name: named('http', host), port: 80, protocol: 'http', host, routesFrom: [] }),
    );
    // One plain listener is enough to send every host to HTTPS.
    if (!certificate) return plain;
    return [
      { name: 'http', port: 80, protocol: 'http', routesFrom: [] },
      ...served.map(
        (host): GatewayListener => ({
          name: named('https', host),
          port: 443,
          protocol: 'https',
          host,
          tls: certificate,
          routesFrom: [],
        }),
      ),
    ];
  }

  private listener(options: ListenerOptions, index: number): GatewayListener {
    const host = this.declaration.text(`listeners.${index}.host`, options.host);
    const name =
      options.name ??
      names.objectName([options.protocol, String(options.port), ...(host ? [host.replace('*', 'any')] : [])].join('-'));
    return {
      name,
      port: options.port,
      protocol: options.protocol,
      host,
      tls: this.certificate(`listeners.${index}.tls`, options.tls, `${this.name}-${name}`),
      routesFrom: [...(options.routesFrom ?? [])].sort(order),
    };
  }

  private certificate(property: string, options: GatewayCertificate | undefined, name: string): GatewayTls | undefined {
    if (!options) return undefined;
    if ('secret' in options)
      return { kind: 'secret', name: this.declaration.text(`${property}.secret`, options.secret) };
    return {
      kind: 'certManager',
      secret: names.objectName(`${name}-tls`),
      issuer: {
        name: this.declaration.text(`${property}.issuer`, options.issuer),
        kind: options.issuerKind ?? 'ClusterIssuer',
      },
    };
  }
}

/** Whether a host of a route and one of a listener can be the same; `*.` stands for any name below. */
function overlaps(a: string, b: string): boolean {
  const below = (wildcard: string, host: string) => wildcard.startsWith('*.') && host.endsWith(wildcard.slice(1));
  return a === b || below(a, b) || below(b, a);
}
