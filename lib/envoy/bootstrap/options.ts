/** What differs from proxy to proxy in what it starts with. */
export interface BootstrapOptions {
  /** What kind of proxy this is. */
  readonly kind: 'sidecar' | 'gateway' | 'egress-gateway' | 'shared-proxy';
  /** Node cluster: `<namespace>/<workload name>`. The node's id is another one in each pod, so it is on the command line. */
  readonly cluster: string;
  /** Where the control plane serves xDS over TLS. Its certificate must be of this very host. */
  readonly controlPlane: { readonly host: string; readonly port: number };
  /** Folders of the proxy's container, without a slash at the end. Several may be the same. */
  readonly paths: {
    /** The proxy's own, in memory: its sockets. */
    readonly runtime: string;
    /** Holds `ca.crt`, the root certificates of the mesh. */
    readonly trust: string;
    /** Holds `token`, which proves to the control plane who the proxy is. */
    readonly token: string;
    /** Holds what {@link bootstrapFiles} makes. */
    readonly config: string;
  };
  /**
   * Address on which metrics are served.
   *
   * @default - every address of the pod
   */
  readonly metricsAddress?: string;
  /**
   * Where metrics are served.
   *
   * @default 15090
   */
  readonly metricsPort?: number;
  /**
   * Upper bounds of the latency histograms, in milliseconds, ascending.
   *
   * @default `defaultLatencyBuckets` of the model
   */
  readonly latencyBuckets?: readonly number[];
  /**
   * Bytes of memory that the container may use.
   *
   * @default - the proxy does not watch its memory
   */
  readonly memoryLimit?: number;
}
