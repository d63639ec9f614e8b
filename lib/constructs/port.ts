import type { Port as ModelPort, Protocol } from '../model';

/** A port as it is declared: its protocol is part of its type, so that what a protocol cannot do does not compile. */
export interface PortSpec<P extends Protocol = Protocol> {
  readonly protocol: P;
  /** Where the application listens. */
  readonly targetPort: number;
  readonly port: number;
  readonly name: string;
  /** The application's own TLS over HTTP (of external services). */
  readonly secure?: boolean;
}

export interface PortOptions {
  /**
   * Port that callers dial.
   * @default - 80 for HTTP, HTTP/2 and gRPC, 443 for TLS, and the application's port for TCP and UDP
   */
  readonly port?: number;
  /**
   * Name of the port in the Kubernetes Service.
   * @default - the protocol
   */
  readonly name?: string;
}

/** HTTP/1.1; a WebSocket may grow out of it. The number is where the application listens. */
export const http = (targetPort: number, options: PortOptions = {}): PortSpec<'http'> =>
  spec('http', targetPort, 80, options);

/** HTTP/2 without TLS (h2c). */
export const http2 = (targetPort: number, options: PortOptions = {}): PortSpec<'http2'> =>
  spec('http2', targetPort, 80, options);

/** gRPC without TLS. */
export const grpc = (targetPort: number, options: PortOptions = {}): PortSpec<'grpc'> =>
  spec('grpc', targetPort, 80, options);

/** The application's own TLS, told apart by server name and not opened. */
export const tls = (targetPort: number, options: PortOptions = {}): PortSpec<'tls'> =>
  spec('tls', targetPort, 443, options);

/** HTTPS of an external service: the application's own TLS, unless the service says that the mesh originates it. */
export const https = (port = 443): PortSpec<'tls'> => ({ ...spec('tls', port, port, { name: 'https' }), secure: true });

/** Any protocol over TCP, such as one in which the server speaks first. */
export const tcp = (targetPort: number, options: PortOptions = {}): PortSpec<'tcp'> =>
  spec('tcp', targetPort, targetPort, options);

/** UDP: admitted by network policy, not proxied. */
export const udp = (targetPort: number, options: PortOptions = {}): PortSpec<'udp'> =>
  spec('udp', targetPort, targetPort, options);

function spec<P extends Protocol>(
  protocol: P,
  targetPort: number,
  standard: number,
  options: PortOptions,
): PortSpec<P> {
  return { protocol, targetPort, port: options.port ?? standard, name: options.name ?? protocol };
}

export function toPort(declared: PortSpec): ModelPort {
  return { name: declared.name, port: declared.port, targetPort: declared.targetPort, protocol: declared.protocol };
}
