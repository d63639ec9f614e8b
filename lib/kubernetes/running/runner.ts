import { type Capture, lookup, type Member, type Model, names, Ref, type Service, type Workload } from '../../model';

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
