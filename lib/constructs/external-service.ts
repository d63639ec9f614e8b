import { Construct } from 'constructs';
import { type ExternalTls, type LocalProcess, locate, type Port, type Protocol, type Ref, type Value } from '../model';
import { Declaration } from './declaration';
import type { EgressGateway } from './egress-gateway';
import { toLocal } from './pods';
import type { PortSpec } from './port';

export interface ExternalServiceProps<P extends Protocol = Protocol> {
  /** DNS name of the host; `*.example.com` for any name below it (TLS pass-through with transparent capture only). */
  readonly host: Value<string>;
  /** Port of the host: {@link https}, {@link http}, {@link grpc}, {@link tls} or {@link tcp}. */
  readonly port: PortSpec<P>;
  /**
   * Name of the object.
   * @default - the construct's id
   */
  readonly name?: string;
  /**
   * Makes the sidecar speak TLS to the host while the application speaks plain text to it.
   * @default - what the application sends is passed on as it is
   */
  readonly originateTls?: OriginateTls;
  /**
   * Egress gateway that the traffic leaves the cluster through.
   * @default - it leaves from the sidecar
   */
  readonly via?: EgressGateway;
  /**
   * Addresses of the host.
   * @default - what DNS says
   */
  readonly addresses?: readonly string[];
  /**
   * What stands in for the host on a developer's machine: a command, which listens where the variable `PORT` says. It is spoken
   * to as the host is, but in plain text where the sidecar would make TLS of it.
   * @default - the host itself is called
   */
  readonly local?: LocalProcess | readonly string[];
}

export interface OriginateTls {
  /**
   * Name that is asked for (SNI) and that the certificate must hold.
   * @default - the host
   */
  readonly serverName?: Value<string>;
  /**
   * ConfigMap of the namespace whose `ca.crt` says whom to trust.
   * @default - the roots of the proxy's image
   */
  readonly trustedCa?: string;
}

/** A host outside the cluster. Nothing reaches it but what declares a call to it. */
export class ExternalService<P extends Protocol = Protocol> extends Construct {
  readonly name: string;
  readonly namespace: string;
  private readonly declaration: Declaration;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ExternalServiceProps<P>,
  ) {
    super(scope, id);
    this.declaration = new Declaration(this, {
      fragment: () => ({ externalServices: [this.toModel()] }),
      locators: () => [locate('ExternalService', this.ref)],
    });
    this.name = props.name ?? id;
    this.namespace = this.declaration.namespace;
  }

  get ref(): Ref {
    return { namespace: this.namespace, name: this.name };
  }

  /** @internal */
  _target(): Ref & { readonly kind: 'externalService'; readonly ports: readonly Port[] } {
    const { port } = this.props;
    return {
      kind: 'externalService',
      ...this.ref,
      ports: [{ name: port.name, port: port.targetPort, targetPort: port.targetPort, protocol: port.protocol }],
    };
  }

  private toModel() {
    const { props, declaration } = this;
    if (props.port.protocol === 'udp') {
      declaration.mistake(
        'MESH0701',
        'an external service over UDP cannot be proxied',
        'use tcp, tls, https, http or grpc',
      );
    }
    return {
      ...this.ref,
      host: declaration.text('host', props.host),
      port: props.port.targetPort,
      protocol: this.protocol(),
      tls: this.tls(),
      via: props.via?.name,
      addresses: props.addresses,
      local: toLocal(declaration, props.local),
    };
  }

  /** An application that leaves TLS to the sidecar speaks plain HTTP to it. */
  private protocol(): 'http' | 'http2' | 'grpc' | 'tls' | 'tcp' {
    const { protocol, secure } = this.props.port;
    if (protocol === 'udp') return 'tcp';
    return secure && this.props.originateTls ? 'http' : protocol;
  }

  private tls(): ExternalTls {
    const { originateTls, port } = this.props;
    if (originateTls) {
      return {
        kind: 'originate',
        serverName: this.declaration.text('originateTls.serverName', originateTls.serverName),
        trustedCa: originateTls.trustedCa,
      };
    }
    return { kind: port.protocol === 'tls' ? 'passthrough' : 'none' };
  }
}
