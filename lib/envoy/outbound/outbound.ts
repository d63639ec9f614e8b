import { lookup, type Model, order, type Ref, type Service, upstreamsOf, type Workload } from '../../model';
import { socketOf } from '../binding';
import { clustersOf } from '../cluster';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import { addressOf } from '../socket-address';
import type { Listener } from '../types';
import type { Call } from './call';
import { captured } from './captured';
import { callOf, listener, type Outbound } from './listener';

/** What a sidecar serves to its own application: a listener for each upstream and port, and nothing that is not declared. */
export function outbound(context: Context): Configuration {
  const { listeners, calls } = isCaptured(context) ? captured(context) : named(context);
  return {
    listeners: [...listeners].sort(byName),
    routes: calls.flatMap(({ routes }) => routes).sort(byName),
    ...clustersOf(
      context,
      calls.flatMap(({ targets }) => targets),
    ),
    extensions: [],
  };
}

/** In pods whose traffic is redirected. Elsewhere nothing can be, and names lead to the sidecar. */
function isCaptured({ model, binding, proxy }: Context): boolean {
  if (binding.kind !== 'pod' || proxy.kind !== 'sidecar') return false;
  const runner = runnerOf(model, proxy.member);
  return (runner?.capture ?? model.mesh.capture).kind === 'transparent';
}

function runnerOf(
  model: Model,
  member: Ref & { readonly kind: 'service' | 'workload' },
): Service | Workload | undefined {
  return member.kind === 'service' ? lookup(model).service(member) : lookup(model).workload(member);
}

/** The names of upstreams lead to addresses of the sidecar's own. */
function named(context: Context): Outbound {
  const made = new Map<string, { readonly listener: Listener; readonly call: Call }>();
  for (const upstream of upstreamsOf(context.model, context.identity)) {
    for (const edge of upstream.edges) {
      const socket = socketOf(context.binding, {
        kind: 'upstream',
        address: upstream.address,
        port: edge.at ?? edge.port,
      });
      const call = socket && callOf(context, upstream, edge);
      if (!call || made.has(call.name)) continue;
      made.set(call.name, { listener: listener(call, { address: addressOf(socket) }), call });
    }
  }
  const all = [...made.values()];
  return { listeners: all.map(({ listener: one }) => one), calls: all.map(({ call }) => call) };
}

function byName(a: { readonly name?: string }, b: { readonly name?: string }): number {
  return order(a.name ?? '', b.name ?? '');
}
