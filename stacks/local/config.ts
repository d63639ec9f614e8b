import { stringify } from 'yaml';
import type { ConfigKind } from '../command-line/config-kinds';
import { getJson } from './local-control-plane';
import { runningMeshes } from './run-folder';
import type { PodState, RunState } from './run-state';
import { noneRuns } from './status';

export interface ConfigQuestion {
  /** A service, a gateway or a pod: `reviews`, `storefront/reviews`, `reviews-v1-0`. */
  readonly of: string;
  readonly what?: ConfigKind;
  readonly mesh?: string;
}

/** Shows what the proxies of a service were sent. Keys are not shown. */
export async function config({ of, what = 'all', mesh }: ConfigQuestion): Promise<number> {
  const running = runningMeshes();
  const chosen = mesh === undefined ? running : running.filter((one) => one.mesh === mesh);
  if (chosen.length === 0) throw new Error(noneRuns(mesh, running));
  const found = chosen.flatMap((state) => podsNamed(of, state.pods).map((pod) => ({ state, pod })));
  if (found.length === 0) throw new Error(nothingNamed(of, chosen));
  let code = 0;
  for (const { state, pod } of found) {
    try {
      const sent = await getJson(`${state.admin}/proxies/${pod.namespace}/${encodeURIComponent(pod.name)}/config`);
      console.log(`# ${pod.namespace}/${pod.name} of mesh ${state.mesh}`);
      console.log(configText(sent as Sent, what));
    } catch (error) {
      console.error(`error: ${error instanceof Error ? error.message : error}; its logs: ${pod.logs.join(', ')}`);
      code = 1;
    }
  }
  return code;
}

/** Pods that have a proxy and are meant by a name. */
export function podsNamed(of: string, pods: readonly PodState[]): readonly PodState[] {
  const slash = of.indexOf('/');
  const namespace = slash < 0 ? undefined : of.slice(0, slash);
  const name = of.slice(slash + 1);
  return pods.filter(
    (pod) =>
      pod.adminSocket !== undefined &&
      (namespace === undefined || pod.namespace === namespace) &&
      [pod.of, pod.name, pod.version === undefined ? '' : `${pod.of}-${pod.version}`].includes(name),
  );
}

function nothingNamed(of: string, meshes: readonly RunState[]): string {
  const known = meshes.flatMap(({ pods }) => pods.filter(({ adminSocket }) => adminSocket !== undefined));
  const names = [...new Set(known.map((pod) => `${pod.namespace}/${pod.of}`))].sort();
  return `there is no proxy of ${of}; there are those of ${names.join(', ')}`;
}

export type Sent = { readonly [type: string]: readonly { readonly name: string; readonly resource: unknown }[] };

const types: { readonly [Kind in Exclude<ConfigKind, 'all'>]: string } = {
  listeners: 'Listener',
  routes: 'RouteConfiguration',
  clusters: 'Cluster',
  endpoints: 'ClusterLoadAssignment',
  secrets: 'Secret',
  extensions: 'TypedExtensionConfig',
};

/** As YAML, by kind: what people read and Envoy's documentation shows. */
export function configText(sent: Sent, kind: ConfigKind): string {
  const kinds = Object.keys(types) as Exclude<ConfigKind, 'all'>[];
  const shown = kinds.filter((one) => kind === 'all' || kind === one);
  const byKind = shown.map((one) => [one, (sent[types[one]] ?? []).map(({ resource }) => resource)] as const);
  return stringify(Object.fromEntries(byKind), { aliasDuplicateObjects: false, lineWidth: 0 });
}
