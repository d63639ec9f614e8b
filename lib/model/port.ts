/**
 * What is spoken on a port. It is declared, never guessed from the bytes.
 *
 * - `http`: HTTP/1.1 (an upgrade to WebSocket included), `http2`: HTTP/2 without TLS, `grpc`: HTTP/2 carrying gRPC
 * - `tls`: the application's own TLS, routed by its server name (SNI) and not opened
 * - `tcp`: anything else over TCP, server-first protocols included
 * - `udp`: not proxied, only admitted by network policy
 */
export type Protocol = 'http' | 'http2' | 'grpc' | 'tls' | 'tcp' | 'udp';

/** A port of a service. */
export interface Port {
  /** Name of the port in the Kubernetes Service: a DNS label of 15 characters at most. */
  readonly name: string;
  /** What callers dial. */
  readonly port: number;
  /** What the application listens on. */
  readonly targetPort: number;
  readonly protocol: Protocol;
}

export const Port = {
  /** True where requests can be told apart, and so matched, routed, retried and authorized one by one. */
  isHttp: (protocol: Protocol): protocol is 'http' | 'http2' | 'grpc' =>
    protocol === 'http' || protocol === 'http2' || protocol === 'grpc',
  compare: (a: Port, b: Port): number => a.port - b.port,
};
