import { type Lookup, type Model, order, type Ref } from '../../model';
import { type Reference, references } from '../parts';
import type { Rule } from '../rule';

export const unknownService: Rule = {
  code: 'MESH0220',
  level: 'error',
  summary: 'every service, workload and external service that something names is declared',
  check: ({ model, find }) => {
    const known = namesByNamespace(model);
    return references(model)
      .filter((reference) => !exists(find, reference))
      .map(({ at, what, of, ref }) => {
        const kind = kinds[of];
        const nearby = known[of].get(ref.namespace) ?? [];
        return {
          at,
          message: `${what} names ${ref.namespace}/${ref.name}, but no ${kind.said} of that name is declared`,
          fix: `${kind.declare(ref)}${nearby.length > 0 ? `, or name one of namespace ${ref.namespace}: ${some(nearby)}` : ''}`,
        };
      });
  },
};

const kinds: { readonly [kind in Reference['of']]: { readonly said: string; readonly declare: (ref: Ref) => string } } =
  {
    service: { said: 'service', declare: ({ name }) => `declare it: new Service(chart, '${name}', …)` },
    runner: { said: 'service or workload', declare: ({ name }) => `declare it: new Service(chart, '${name}', …)` },
    callable: {
      said: 'service or external service',
      declare: ({ name }) => `declare it: new Service(chart, '${name}', …)`,
    },
    externalService: {
      said: 'external service',
      declare: ({ name }) => `declare it: new ExternalService(chart, '${name}', …)`,
    },
  };

function exists(find: Lookup, { of, ref }: Reference): boolean {
  const service = of !== 'externalService' && find.service(ref) !== undefined;
  const external = (of === 'externalService' || of === 'callable') && find.externalService(ref) !== undefined;
  return service || external || (of === 'runner' && find.workload(ref) !== undefined);
}

function namesByNamespace(model: Model): {
  readonly [kind in Reference['of']]: ReadonlyMap<string, readonly string[]>;
} {
  const group = (...lists: readonly (readonly Ref[])[]) => {
    const names = new Map<string, string[]>();
    for (const { namespace, name } of lists.flat()) {
      const list = names.get(namespace);
      if (list) list.push(name);
      else names.set(namespace, [name]);
    }
    return names;
  };
  return {
    service: group(model.services),
    runner: group(model.services, model.workloads),
    callable: group(model.services, model.externalServices),
    externalService: group(model.externalServices),
  };
}

function some(names: readonly string[]): string {
  const sorted = [...names].sort(order);
  return sorted.length <= 8 ? sorted.join(', ') : `${sorted.slice(0, 8).join(', ')}, …`;
}
