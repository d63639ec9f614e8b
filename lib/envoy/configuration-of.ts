import { order } from '../model';
import { type Assignment, type Configuration, type SecretRef, secretName } from './configuration';
import type { Context } from './context';
import { readinessListener } from './http/readiness';
import { outbound } from './outbound';

/** The configuration of one proxy: all that its listeners lead to, each resource once, sorted by name. */
export function configurationOf(context: Context): Configuration {
  const parts = [...partsOf(context), readiness(context)];
  return {
    listeners: merged(parts.map(({ listeners }) => listeners)),
    routes: merged(parts.map(({ routes }) => routes)),
    clusters: merged(parts.map(({ clusters }) => clusters)),
    extensions: merged(parts.map(({ extensions }) => extensions)),
    assignments: once(
      parts.flatMap(({ assignments }) => assignments),
      ({ cluster }: Assignment) => cluster,
    ),
    secrets: once(
      parts.flatMap(({ secrets }) => secrets),
      (secret: SecretRef) => secretName(secret),
    ),
  };
}

function partsOf(context: Context): readonly Configuration[] {
  switch (context.proxy.kind) {
    case 'sidecar':
      return [outbound(context)];
    default:
      return [];
  }
}

function readiness(context: Context): Configuration {
  const listener = readinessListener(context);
  return { ...nothing, listeners: listener ? [listener] : [] };
}

const nothing: Configuration = {
  listeners: [],
  routes: [],
  clusters: [],
  extensions: [],
  assignments: [],
  secrets: [],
};

function merged<Resource extends { readonly name?: string }>(
  lists: readonly (readonly Resource[])[],
): readonly Resource[] {
  return once(lists.flat(), ({ name }) => name ?? '');
}

/** Two parts may need the same thing, a cluster above all; then both say the same of it. */
function once<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  const byName = new Map<string, Item>();
  for (const item of items) {
    const name = nameOf(item);
    const existing = byName.get(name);
    if (existing === undefined) byName.set(name, item);
    else if (JSON.stringify(existing) !== JSON.stringify(item)) {
      throw new Error(`two parts of a configuration disagree about ${name}`);
    }
  }
  return [...byName].sort(([a], [b]) => order(a, b)).map(([, item]) => item);
}
