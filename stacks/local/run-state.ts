import { type Model, names, Ref, upstreamsOf } from '../../lib/model';
import type { KnownProcess } from './process/alive';
import type { RunningPod } from './running-pod';

/** What a running mesh tells the commands that ask about it. */
export interface RunState {
  readonly process: KnownProcess;
  readonly mesh: string;
  /** The program that declares it. */
  readonly program: string;
  readonly trustDomain: string;
  /** Of the control plane's pages: `http://127.0.0.1:20003`. */
  readonly admin: string;
  readonly logs: string;
  readonly pods: readonly PodState[];
  readonly entrances: readonly Entrance[];
  /** Process groups that end with it. */
  readonly groups: readonly KnownProcess[];
}

export interface PodState {
  readonly namespace: string;
  /** `reviews-v1-0`. */
  readonly name: string;
  /** What it is of: `reviews`. */
  readonly of: string;
  readonly kind: 'service' | 'workload' | 'standIn' | names.ProxyKind;
  readonly version?: string;
  /** SPIFFE ID. */
  readonly identity?: string;
  /** Where callers meet each of its ports: at its proxy where it has one. */
  readonly ports: readonly { readonly port: number; readonly protocol: string; readonly at: number }[];
  /** Where its proxy stands in for its upstreams. */
  readonly upstreams: readonly { readonly name: string; readonly at: number }[];
  readonly state: string;
  readonly ready: boolean;
  readonly adminSocket?: string;
  readonly logs: readonly string[];
  readonly restarts: number;
}

/** A listener of a gateway: the way into the mesh. */
export interface Entrance {
  /** `storefront/public`. */
  readonly gateway: string;
  readonly protocol: 'http' | 'https' | 'tls' | 'tcp';
  readonly host?: string;
  readonly port: number;
  readonly at: number;
}

export function podState(model: Model, running: RunningPod): PodState {
  const { pod, ref } = running;
  const { adminSocket } = running;
  return {
    ...ref,
    of: ownerOf(running),
    kind: pod.of.kind === 'proxy' ? pod.of.proxy : pod.of.kind,
    ...(pod.of.kind === 'service' && pod.of.version !== undefined && { version: pod.of.version }),
    ...(pod.identity && { identity: names.spiffeId(model.mesh.trustDomain, pod.identity) }),
    ports: portsOf(model, running),
    upstreams: pod.identity && pod.proxy?.kind === 'sidecar' ? upstreams(model, running) : [],
    state: running.state,
    ready: running.isReady,
    ...(adminSocket !== undefined && { adminSocket }),
    logs: running.logs,
    restarts: running.restarts,
  };
}

function ownerOf({ pod }: RunningPod): string {
  switch (pod.of.kind) {
    case 'service':
      return pod.of.service.name;
    case 'workload':
      return pod.of.workload.name;
    case 'proxy':
      return pod.of.name.name;
    case 'standIn':
      return pod.of.externalService.name;
  }
}

function portsOf(model: Model, running: RunningPod): PodState['ports'] {
  const { pod } = running;
  if (pod.of.kind === 'proxy') {
    return Object.entries(running.ports).flatMap(([place, at]) => {
      const [, port] = /^listener\/(\d+)$/.exec(place) ?? [];
      return port === undefined ? [] : [{ port: Number(port), protocol: '', at }];
    });
  }
  const kind = pod.proxy ? 'inbound' : 'application';
  if (pod.of.kind !== 'service') {
    return pod.applicationPorts.flatMap(({ port, protocol }) => {
      const at = running.portOf({ kind, applicationPort: port });
      return at === undefined ? [] : [{ port, protocol, at }];
    });
  }
  const { service } = pod.of;
  const declared = model.services.find((one) => Ref.equal(one, service))?.ports ?? [];
  return declared.flatMap(({ port, targetPort, protocol }) => {
    const at = running.portOf({ kind, applicationPort: targetPort });
    return at === undefined ? [] : [{ port, protocol, at }];
  });
}

function upstreams(model: Model, running: RunningPod): PodState['upstreams'] {
  const { identity } = running.pod;
  if (!identity) return [];
  return upstreamsOf(model, identity).flatMap(({ target, address, edges }) =>
    edges.flatMap((edge) => {
      const at = running.portOf({ kind: 'upstream', address, port: edge.at ?? edge.port });
      if (at === undefined) return [];
      const name = target.kind === 'host' ? target.host : target.kind === 'instance' ? target.instance : edge.to.name;
      return [
        {
          name:
            edge.to.namespace === identity.namespace || target.kind === 'host' ? name : `${name}.${edge.to.namespace}`,
          at,
        },
      ];
    }),
  );
}

export function entrancesOf(model: Model, pods: readonly RunningPod[]): readonly Entrance[] {
  return model.gateways.flatMap((gateway) => {
    const running = pods.find(
      ({ pod }) => pod.of.kind === 'proxy' && pod.of.proxy === 'gateway' && Ref.equal(pod.of.name, gateway),
    );
    return gateway.listeners.flatMap(({ port, protocol, host }): readonly Entrance[] => {
      const at = running?.portOf({ kind: 'listener', port });
      return at === undefined
        ? []
        : [{ gateway: Ref.key(gateway), protocol, port, at, ...(host !== undefined && { host }) }];
    });
  });
}
