import { order, type Ref, sharedServices } from '../model';
import { type Assignment, type Configuration, emptyConfiguration, type SecretRef, secretName } from './configuration';
import type { Context } from './context';
import { egressGateway } from './egress';
import { gateway } from './gateway';
import { readinessListener } from './http/readiness';
import { inbound } from './inbound';
import { outbound } from './outbound';
import { proxyless } from './proxyless';
import { references } from './references';
import { sharedProxy } from './shared';
import { collectorCluster, logCollector, traceCollector } from './telemetry/collector';
import { settingsOf } from './telemetry/settings';

/** The configuration of one proxy: all that its listeners lead to, each resource once, sorted by name. */
export function configurationOf(context: Context): Configuration {
  const parts = partsOf(context);
  return merged([...parts, readiness(context), ofAllParts(context, parts)]);
}

function partsOf(context: Context): readonly Configuration[] {
  switch (context.proxy.kind) {
    case 'sidecar':
      return [outbound(context), inbound(context)];
    case 'proxyless':
      return [proxyless(context)];
    case 'gateway':
      return [gateway(context)];
    case 'shared-proxy':
      return [sharedProxy(context)];
    case 'egress-gateway':
      return [egressGateway(context)];
  }
}

function readiness(context: Context): Configuration {
  const listener = context.proxy.kind === 'proxyless' ? undefined : readinessListener(context);
  return { ...emptyConfiguration, listeners: listener ? [listener] : [] };
}

/** What any part may refer to and none makes: collectors of traces and logs, and the two secrets of mutual TLS. */
function ofAllParts(context: Context, parts: readonly Configuration[]): Configuration {
  const found = references(parts);
  const clusters = collectors(context).filter(({ name }) => found.clusters.has(name ?? ''));
  const secrets = ([{ kind: 'identity' }, { kind: 'trust' }] as const).filter((one) => found.secrets.has(one.kind));
  return { ...emptyConfiguration, clusters, secrets };
}

function collectors(context: Context) {
  return [undefined, ...servicesOf(context)]
    .map((service) => settingsOf(context, service))
    .flatMap((settings) => [traceCollector(settings) ?? [], logCollector(settings) ?? []].flat())
    .map(collectorCluster);
}

/** Those whose settings of telemetry hold for a part of the proxy. */
function servicesOf({ model, proxy }: Context): readonly Ref[] {
  if (proxy.kind !== 'shared-proxy') return [];
  return model.sharedProxies
    .filter(({ namespace, name }) => namespace === proxy.namespace && name === proxy.name)
    .flatMap(sharedServices);
}

function merged(parts: readonly Configuration[]): Configuration {
  return {
    listeners: named(parts.flatMap(({ listeners }) => listeners)),
    routes: named(parts.flatMap(({ routes }) => routes)),
    clusters: named(parts.flatMap(({ clusters }) => clusters)),
    extensions: named(parts.flatMap(({ extensions }) => extensions)),
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

function named<Resource extends { readonly name?: string }>(resources: readonly Resource[]): readonly Resource[] {
  return once(resources, ({ name }) => name ?? '');
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
