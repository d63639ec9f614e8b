import { at, child, fields, items, repeated, text } from '../json';
import { nameOf } from '../objects';
import { containersOf, type PodTemplate } from '../pods';
import { show } from '../schema/values';
import type { Law, Manifests } from './manifests';

/** What a pod mounts or reads is there: its volumes, and the ConfigMaps, Secrets and claims they and its variables come from. */
export const volumesLaw: Law = (manifests) =>
  manifests.templates.flatMap((template) => {
    const faults = [...volumeNameFaults(template), ...mountFaults(template), ...sourceFaults(template, manifests)];
    return faults.map((fault) => `${nameOf(template.owner)}: ${fault}`);
  });

function volumeNameFaults({ spec, path }: PodTemplate): string[] {
  const names = items(spec.volumes).map((volume) => text(volume, 'name'));
  const wrong = names.filter((name) => name.length > 63 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name));
  return [
    ...repeated(names).map((name) => `${path}.volumes: ${name} must not be there twice`),
    ...wrong.map((name) => `${path}.volumes: name must be a DNS-1123 label, got ${show(name)}`),
  ];
}

function mountFaults(template: PodTemplate): string[] {
  const claimed = items(at(template.owner, 'spec', 'volumeClaimTemplates')).map((claim) =>
    text(claim, 'metadata', 'name'),
  );
  const known = new Set([...items(template.spec.volumes).map((volume) => text(volume, 'name')), ...claimed]);
  return containersOf(template).flatMap(({ fields: spec, path }) => {
    const mounts = items(spec.volumeMounts);
    const lost = mounts.map((mount) => text(mount, 'name')).filter((name) => !known.has(name));
    const paths = repeated(mounts.map((mount) => text(mount, 'mountPath')));
    return [
      ...lost.map((name) => `${path}.volumeMounts: the pod has no volume ${name}`),
      ...paths.map((mountPath) => `${path}.volumeMounts: ${mountPath} must not be mounted twice`),
    ];
  });
}

/** Something a pod reads from an object. */
interface Source {
  readonly path: string;
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim';
  readonly name: string;
  /** The keys that must be in it. */
  readonly keys: readonly string[];
}

function sourceFaults(template: PodTemplate, manifests: Manifests): string[] {
  return [...volumeSources(template), ...variableSources(template)].flatMap(({ path, kind, name, keys }) => {
    if (!manifests.has('', kind, template.namespace, name))
      return [`${path}: there is no ${kind} ${template.namespace}/${name} in the set`];
    const object = manifests.find('', kind, template.namespace, name);
    if (!object) return []; // made elsewhere, with keys that are not known
    const there = new Set(
      ['data', 'binaryData', 'stringData'].flatMap((field) => Object.keys(fields(at(object, field)))),
    );
    return keys
      .filter((key) => !there.has(key))
      .map((key) => `${path}: ${kind} ${template.namespace}/${name} has no key ${show(key)}`);
  });
}

function volumeSources({ spec, path }: PodTemplate): Source[] {
  return items(spec.volumes).flatMap((volume, index) => {
    const volumePath = child(`${path}.volumes`, index);
    const claim = text(volume, 'persistentVolumeClaim', 'claimName');
    const projected = items(at(volume, 'projected', 'sources'));
    return [
      ...objectSources(volume, volumePath),
      ...projected.flatMap((source, each) => objectSources(source, child(`${volumePath}.projected.sources`, each))),
      ...(claim === '' ? [] : [{ path: volumePath, kind: 'PersistentVolumeClaim' as const, name: claim, keys: [] }]),
    ];
  });
}

function objectSources(volume: unknown, path: string): Source[] {
  const keysOf = (source: unknown) => items(at(source, 'items')).map((item) => text(item, 'key'));
  return (
    [
      ['configMap', 'ConfigMap'],
      ['secret', 'Secret'],
    ] as const
  ).flatMap(([field, kind]) => {
    const source = at(volume, field);
    if (source === undefined || at(source, 'optional') === true) return [];
    return [
      {
        path: `${path}.${field}`,
        kind,
        name: text(source, 'name') || text(source, 'secretName'),
        keys: keysOf(source),
      },
    ];
  });
}

function variableSources(template: PodTemplate): Source[] {
  return containersOf(template).flatMap(({ fields: spec, path }) => {
    const single = items(spec.env).flatMap((variable, index) =>
      referencesIn(at(variable, 'valueFrom'), ['configMapKeyRef', 'secretKeyRef'], child(`${path}.env`, index)),
    );
    const whole = items(spec.envFrom).flatMap((source, index) =>
      referencesIn(source, ['configMapRef', 'secretRef'], child(`${path}.envFrom`, index)),
    );
    return [...single, ...whole];
  });
}

function referencesIn(holder: unknown, names: readonly string[], path: string): Source[] {
  return names.flatMap((name) => {
    const reference = at(holder, name);
    if (reference === undefined || at(reference, 'optional') === true) return [];
    const key = text(reference, 'key');
    const kind = name.startsWith('configMap') ? ('ConfigMap' as const) : ('Secret' as const);
    return [{ path, kind, name: text(reference, 'name'), keys: key === '' ? [] : [key] }];
  });
}
