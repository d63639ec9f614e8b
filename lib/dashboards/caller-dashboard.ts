import { type Model, names, Ref } from '../model';
import type { Caller, Calls } from './calls';
import { type Dashboard, jsonOf, uidOf } from './dashboard';
import { callsOut, declaredCalls } from './edge-sections';
import { toDashboard } from './panel';
import { pods, proxies } from './service-dashboard';

/** Of what calls and is not itself a service: a workload, a gateway, an egress gateway, a shared proxy. */
export function callerDashboard(model: Model, caller: Caller, calls: Calls): Dashboard {
  const key = Ref.key(caller);
  const title = `${kinds[caller.kind]} ${caller.namespace}/${caller.declared}`;
  return {
    name: names.objectName(`${caller.name}-dashboard`),
    namespace: caller.namespace,
    title,
    json: jsonOf({
      uid: uidOf(model.mesh, 'caller', key),
      title,
      description: `A row for each call of ${caller.namespace}/${caller.declared} of mesh ${model.mesh.name}.`,
      tags: ['caller', model.mesh.name],
      variables: [pods(caller)],
      links: [toDashboard(`Mesh ${model.mesh.name}`, uidOf(model.mesh, 'mesh'))],
      sections: [
        declaredCalls(model, [], calls.from(caller)),
        ...callsOut(calls.from(caller)),
        proxies(caller, { calls: true, answers: false }),
      ],
    }),
  };
}

const kinds = {
  service: 'Service',
  workload: 'Workload',
  gateway: 'Gateway',
  'egress-gateway': 'Egress gateway',
  'shared-proxy': 'Shared proxy',
} as const;
