import { extension } from '../any';
import type { OverloadManager } from '../types';
import type { BootstrapOptions } from './options';

/**
 * Sheds load before the kernel kills the proxy: a refused request is one failure, a killed proxy fails all that it serves.
 * Thresholds and limits are those that Envoy's authors give for proxies that face the world.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export function overloadManager(options: BootstrapOptions): OverloadManager {
  const connections = extension(
    'envoy.resource_monitors.global_downstream_max_connections',
    'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
    { maxActiveDownstreamConnections: mostConnections[options.kind] },
  );
  if (options.memoryLimit === undefined) return { resourceMonitors: [connections] };
  return {
    refreshInterval: '0.25s',
    resourceMonitors: [
      connections,
      extension(heap, 'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig', {
        maxHeapSizeBytes: Math.floor(options.memoryLimit * shareOfHeap),
      }),
    ],
    actions: [
      { name: 'envoy.overload_actions.shrink_heap', triggers: [{ name: heap, threshold: { value: 0.95 } }] },
      {
        name: 'envoy.overload_actions.stop_accepting_requests',
        triggers: [{ name: heap, threshold: { value: 0.98 } }],
      },
    ],
  };
}

/** A sidecar serves one application; the others serve many, or the world. Unlimited, Envoy warns at each start. */
const mostConnections = {
  sidecar: 10_000,
  gateway: 50_000,
  'egress-gateway': 50_000,
  'shared-proxy': 50_000,
} as const satisfies Record<BootstrapOptions['kind'], number>;

const heap = 'envoy.resource_monitors.fixed_heap';

/**
 * Of the container's memory; stacks, the executable's data and fragments are the rest. The heap is watched and not the
 * container's memory, which counts pages of the executable that the kernel can drop whenever it likes.
 */
const shareOfHeap = 0.85;
