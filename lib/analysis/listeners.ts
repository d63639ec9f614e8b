import { type Edge, type Identity, type PodFacts, Ref, upstreamsOf } from '../model';
import { captureOf } from './calls';
import { shown } from './parts';
import type { Context } from './rule';

/** What is bound in the pods of each caller whose upstreams' names lead to its sidecar. */
export interface CallerPorts {
  readonly caller: Identity;
  readonly name: string;
  /** Ports of the application and where each is known from, in ascending order. */
  readonly application: ReadonlyMap<number, string>;
  /** Variables of its containers. */
  readonly env: PodFacts['env'];
  readonly edges: readonly Edge[];
}

/** Callers whose traffic is captured by names: with transparent capture the sidecar needs no port of the upstream. */
export function callersByNames(context: Context): readonly CallerPorts[] {
  const { model, find } = context;
  const pods = podsByMember(context);
  const callers = [
    ...model.services.map((service) => ({ kind: 'service' as const, service, runner: service })),
    ...model.workloads.map((runner) => ({ kind: 'workload' as const, service: undefined, runner })),
  ];
  return callers.flatMap(({ kind, service, runner }) => {
    const edges = find.edgesFrom(runner);
    if (edges.length === 0 || captureOf(context, runner).kind !== 'names') return [];
    const own = pods.get(`${kind} ${Ref.key(runner)}`) ?? [];
    const application = new Map<number, string>();
    for (const port of service?.ports ?? []) {
      if (port.protocol !== 'udp') application.set(port.targetPort, `port ${port.name} of service ${runner.name}`);
    }
    for (const pod of own) {
      for (const port of pod.ports) application.set(port, application.get(port) ?? pod.object);
    }
    for (const policy of find.accessPolicies(runner)) {
      for (const { port, protocol } of policy.outsidePorts) {
        if (protocol === 'tcp') application.set(port, application.get(port) ?? `an outside port of ${policy.name}`);
      }
    }
    const env = own.flatMap((pod) => pod.env);
    const caller = { namespace: runner.namespace, serviceAccount: runner.serviceAccount };
    return { caller, name: runner.name, application, env, edges };
  });
}

/** The port on which a caller's sidecar stands in for the callee. */
export function listenerPort(edge: Edge): number {
  return edge.at ?? edge.port;
}

/** How messages to a caller name its callee. */
export function calleeName(edge: Edge): string {
  return shown(edge.to, edge.from.namespace);
}

/** The names by which a caller may have written down the callee, those of its instances included. */
export function calleeHosts({ model }: Context, edge: Edge): readonly string[] {
  return upstreamsOf(model, edge.from).flatMap(({ edges, hostnames }) => (edges.includes(edge) ? hostnames : []));
}

/** Equal for callees that share an address: a service, or a host whichever external service names it. */
export function calleeAddress({ find }: Context, edge: Edge): string {
  const external = edge.to.kind === 'externalService' ? find.externalService(edge.to) : undefined;
  return external ? external.host : Ref.key(edge.to);
}

function podsByMember({ pods }: Context): ReadonlyMap<string, readonly PodFacts[]> {
  const groups = new Map<string, PodFacts[]>();
  for (const pod of pods) {
    const key = `${pod.member.kind} ${Ref.key(pod.member)}`;
    const group = groups.get(key);
    if (group) group.push(pod);
    else groups.set(key, [pod]);
  }
  return groups;
}
