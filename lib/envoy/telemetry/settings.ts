import { type AccessLog, lookup, type Ref, type Tracing } from '../../model';
import type { Context } from '../context';

/** What is observed, and under which name. */
export interface Settings {
  readonly accessLog: AccessLog | undefined;
  readonly tracing: Tracing | undefined;
  /** `reviews.storefront`: in traces and log records, who speaks. */
  readonly serviceName: string;
}

/** Those of a service where it has its own, else the mesh's: part by part. */
export function settingsOf(context: Context, service: Ref | undefined): Settings {
  const of = service ?? besideService(context);
  const own = of ? lookup(context.model).telemetry(of) : [];
  const mesh = context.model.mesh.telemetry;
  const named = of ?? runner(context);
  return {
    accessLog: own.find(({ accessLog }) => accessLog)?.accessLog ?? mesh.accessLog,
    tracing: own.find(({ tracing }) => tracing)?.tracing ?? mesh.tracing,
    serviceName: `${named.name}.${named.namespace}`,
  };
}

function besideService({ proxy }: Context): Ref | undefined {
  return 'member' in proxy && proxy.member.kind === 'service' ? proxy.member : undefined;
}

/** The workload beside a sidecar, or whoever it is itself. */
function runner({ proxy }: Context): Ref {
  return 'member' in proxy ? proxy.member : proxy;
}
