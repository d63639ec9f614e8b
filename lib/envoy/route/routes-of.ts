import { lookup, order, Ref, type Route } from '../../model';
import type { Context } from '../context';

/** The declared routes of calls to a port of a service, of every kind, in an order that is the same everywhere. */
export function routesOf({ model }: Context, service: Ref, port: number): readonly Route[] {
  return lookup(model)
    .routesOf(service)
    .filter(({ parents }) =>
      parents.some((parent) => parent.kind === 'service' && Ref.equal(parent, service) && parent.port === port),
    )
    .toSorted((a, b) => Ref.compare(a, b) || order(a.kind, b.kind));
}
