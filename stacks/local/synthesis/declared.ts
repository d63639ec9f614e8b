import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { decode, type Problem } from '../../../lib/kubernetes/declared';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import type { Model } from '../../../lib/model';

/** What was synthesized, read back as the control plane of a cluster would read it. */
export interface Declared {
  readonly model?: Model;
  readonly problems: readonly Problem[];
  /** `ca.crt` of ConfigMaps, and certificates with their keys of Secrets, by `namespace/name`. */
  readonly authorities: ReadonlyMap<string, string>;
  readonly certificates: ReadonlyMap<string, { readonly certificateChain: string; readonly privateKey: string }>;
}

export function readDeclared(folder: string): Declared {
  const objects = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => /\.ya?ml$/.test(entry.name))
    .flatMap((entry) => manifestsIn(readFileSync(join(entry.parentPath, entry.name), 'utf8')));
  return {
    ...decode(objects),
    authorities: new Map(objects.flatMap(authorityOf)),
    certificates: new Map(objects.flatMap(certificateOf)),
  };
}

/** Only what declares something of the mesh: the rest is most of the text, and reading it takes most of the time. */
export function manifestsIn(text: string): readonly Manifest[] {
  return text.split(/^---$/m).flatMap((document): readonly Manifest[] => {
    const kind = /^kind: (.+)$/m.exec(document)?.[1];
    if (kind === undefined || passedOver.has(kind)) return [];
    if (kind === 'ConfigMap' && !/^ {2}ca\.crt:/m.test(document)) return [];
    return [parse(document) as Manifest];
  });
}

/** Kinds that run in a cluster, and from which nothing is read back. */
const passedOver = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'CronJob',
  'CustomResourceDefinition',
  'DaemonSet',
  'Deployment',
  'Job',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'PodMonitor',
  'PrometheusRule',
  'Role',
  'RoleBinding',
  'StatefulSet',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

function authorityOf({ kind, metadata, ...rest }: Manifest): readonly [string, string][] {
  const { data } = rest as { readonly data?: { readonly [key: string]: string } };
  const pem = kind === 'ConfigMap' ? data?.['ca.crt'] : undefined;
  return pem === undefined ? [] : [[`${metadata.namespace}/${metadata.name}`, pem]];
}

function certificateOf({ kind, metadata, ...rest }: Manifest) {
  const { type, data, stringData } = rest as {
    readonly type?: string;
    readonly data?: { readonly [key: string]: string };
    readonly stringData?: { readonly [key: string]: string };
  };
  if (kind !== 'Secret' || type !== 'kubernetes.io/tls') return [];
  const value = (key: string) => stringData?.[key] ?? Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');
  const pair = { certificateChain: value('tls.crt'), privateKey: value('tls.key') };
  return [[`${metadata.namespace}/${metadata.name}`, pair] as const];
}
