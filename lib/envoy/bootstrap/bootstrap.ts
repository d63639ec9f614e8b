import { defaultLatencyBuckets } from '../../model';
import type { Bootstrap } from '../types';
import {
  configurationFromControlPlane,
  controlPlaneClusters,
  controlPlaneTunnel,
  tokenSecret,
  trustSecret,
} from './control-plane-link';
import { adminCluster, adminSocket, metricsListener } from './metrics-listener';
import type { BootstrapOptions } from './options';
import { overloadManager } from './overload';
import { statistics } from './statistics';

/**
 * All that a proxy knows before it has spoken to the control plane: how to reach it and prove itself, where its sockets are,
 * and which statistics it keeps. The rest comes over xDS. It holds no secret, only the paths of them.
 */
export function bootstrap(options: BootstrapOptions): Bootstrap {
  return {
    node: { cluster: options.cluster },
    admin: { address: adminSocket(options), ignoreGlobalConnLimit: true },
    dynamicResources: configurationFromControlPlane(),
    staticResources: {
      listeners: [controlPlaneTunnel(options), metricsListener(options)],
      clusters: [...controlPlaneClusters(options), adminCluster(options)],
    },
    statsConfig: statistics(options.latencyBuckets ?? defaultLatencyBuckets),
    overloadManager: overloadManager(options),
    layeredRuntime: { layers: [{ name: 'static', staticLayer: runtime }] },
  };
}

/** The files of {@link BootstrapOptions.paths}`.config`, by name: what Envoy starts with, and the secrets that it refers to. */
export function bootstrapFiles(options: BootstrapOptions): { readonly [name: string]: object } {
  return {
    'envoy.json': bootstrap(options),
    'token.json': tokenSecret(options),
    'trust.json': trustSecret(options),
  };
}

/**
 * Where Envoy's own defaults do not fit. A regular expression may compile to a program of 100 instructions, which refuses
 * `/orders/[0-9]{1,60}`; RE2 takes time in proportion to the path whatever the program is, so only monsters need refusing.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/regex.proto
 */
const runtime = { 're2.max_program_size.error_level': 32_768, 're2.max_program_size.warn_level': 32_768 };
