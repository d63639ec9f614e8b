import { type Edge, Ref, type Upstream } from '../../model';
import type { Context } from '../context';
import type { Listener } from '../types';
import { type Call, externalCall, serviceCall } from './call';
import { needsTlsInspector, tlsInspector } from './tls-inspector';

export interface Outbound {
  readonly listeners: readonly Listener[];
  readonly calls: readonly Call[];
}

export function callOf(context: Context, { target }: Upstream, edge: Edge): Call | undefined {
  switch (target.kind) {
    case 'service':
      return serviceCall(context, edge, target.service);
    case 'instance':
      return serviceCall(context, edge, target.service, target.instance);
    case 'host': {
      const external = target.externalServices.find((one) => Ref.equal(one, edge.to));
      return external && externalCall(context, edge, external);
    }
  }
}

export function listener(call: Call, where: Partial<Listener>): Listener {
  return {
    name: call.name,
    trafficDirection: 'OUTBOUND',
    ...where,
    ...(needsTlsInspector(call.filterChains) && { listenerFilters: [tlsInspector] }),
    filterChains: call.filterChains,
  };
}
