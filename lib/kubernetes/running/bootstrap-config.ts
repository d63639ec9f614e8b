import { hash, type Model, names, order } from '../../model';
import type { Manifest } from '../manifest';
import { systemLabels } from './labels';

/**
 * What proxies of a namespace start with, as files: `envoy.json` (of sidecars) and `standalone.json` (of proxies that stand by
 * themselves), `token.json` and `trust.json` (file-based SDS of token and root), `hosts` (the sidecar's own /etc/hosts). One
 * ConfigMap for all of them: what differs from pod to pod is on the command line.
 */
export function bootstrapConfig(model: Model, namespace: string, files: { readonly [key: string]: string }): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: names.objects.bootstrap, namespace, labels: systemLabels(model, 'bootstrap') },
    data: Object.fromEntries(sorted(files)),
  };
}

/** Stands on pod templates ({@link names.keys.bootstrap}): Envoy reads its bootstrap once, so a change of it starts pods anew. */
export function bootstrapHash(files: { readonly [key: string]: string }): string {
  return hash(JSON.stringify(sorted(files)));
}

function sorted(files: { readonly [key: string]: string }): readonly [string, string][] {
  return Object.entries(files).sort(([a], [b]) => order(a, b));
}
