import {
  type Capture,
  lookup,
  type Member,
  type Model,
  names,
  Ref,
  type Service,
  type SharedProxy,
  sharedServices,
  type Workload,
} from '../../model';

/** The service or workload that runs in pods. */
export function runnerOf(model: Model, member: Member): Service | Workload {
  const find = lookup(model);
  const runner = member.kind === 'service' ? find.service(member) : find.workload(member);
  if (!runner) throw new Error(`the model holds no ${member.kind} ${Ref.key(member)}; add it before its pods`);
  return runner;
}

export function captureOf(model: Model, runner: Service | Workload): Capture {
  return runner.capture ?? model.mesh.capture;
}

/** Where the sidecar of a service serves each of its application ports; UDP passes by. */
export function inboundPortsOf(service: Service): ReadonlyMap<number, number> {
  return names.inboundPorts(service.ports.filter((port) => port.protocol !== 'udp').map((port) => port.targetPort));
}

const known = new WeakMap<Model, ReadonlyMap<string, SharedProxy>>();

/** The shared proxy that a service stands behind; pods of such a service have no sidecar. */
export function sharedProxyOf(model: Model, service: Ref): SharedProxy | undefined {
  let proxies = known.get(model);
  if (!proxies) {
    proxies = new Map(
      model.sharedProxies.flatMap((proxy) => sharedServices(proxy).map((ref) => [Ref.key(ref), proxy] as const)),
    );
    known.set(model, proxies);
  }
  return proxies.get(Ref.key(service));
}
