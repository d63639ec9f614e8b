import type { Capture as CaptureModel } from '../model';

/** What transparent capture leaves alone. */
export interface TransparentCaptureOptions {
  /**
   * Ports of the application that are reached without the sidecar.
   * @default - none
   */
  readonly excludeInboundPorts?: readonly number[];
  /**
   * Ports that the application reaches without the sidecar.
   * @default - none
   */
  readonly excludeOutboundPorts?: readonly number[];
  /**
   * Addresses (CIDR) that the application reaches without the sidecar.
   * @default - none
   */
  readonly excludeOutboundAddresses?: readonly string[];
}

/** How traffic of a pod comes to its sidecar. */
export const Capture = {
  /** The names of the upstreams lead to the sidecar; nothing in the pod is privileged. */
  names: (): CaptureModel => ({ kind: 'names' }),
  /** An init container that alone holds NET_ADMIN redirects all connections with nftables. */
  transparent: (options: TransparentCaptureOptions = {}): CaptureModel => ({
    kind: 'transparent',
    excludeInboundPorts: [...(options.excludeInboundPorts ?? [])].sort((a, b) => a - b),
    excludeOutboundPorts: [...(options.excludeOutboundPorts ?? [])].sort((a, b) => a - b),
    excludeOutboundAddresses: [...(options.excludeOutboundAddresses ?? [])].sort(),
  }),
};
