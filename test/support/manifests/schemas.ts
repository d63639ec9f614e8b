import { at, isFields } from './json';
import { isA, nameOf, typeOf } from './objects';
import type { Crd } from './openapi';
import { crdFor, customResourceFaults } from './schema/custom-resource';
import { KubernetesSchemas } from './schema/kubernetes';
import { thirdPartyCrds } from './schema/third-party';
import { type Fault, show } from './schema/values';

/** Something that an API server would refuse, or drop without a word. */
export interface Violation extends Fault {
  /** `Deployment storefront/web` */
  readonly object: string;
}

export interface SchemaOptions {
  /** CRDs that the cluster has, beyond those among the objects. @default - only those among the objects */
  readonly crds?: readonly object[];
}

/**
 * Checks every object strictly: those of Kubernetes' own kinds against the schemas of the oldest and the newest supported
 * Kubernetes, custom resources against the CRD of their kind, its CEL rules included. A kind that nobody declares is a
 * violation, except a few CRDs of others that we know (see third-party.ts).
 */
export function violationsOf(objects: readonly object[], options: SchemaOptions = {}): Violation[] {
  const crds = [...(options.crds ?? []), ...objects.filter(isCrd), ...thirdPartyCrds()] as readonly Crd[];
  return objects.flatMap((object) => faultsOf(object, crds).map((fault) => ({ object: nameOf(object), ...fault })));
}

/** `Deployment storefront/web: spec.replicas: must be of type integer, got "3"` */
export function violationText({ object, at, message }: Violation): string {
  return at === '' ? `${object}: ${message}` : `${object}: ${at}: ${message}`;
}

function isCrd(object: object): boolean {
  return isA(object, 'apiextensions.k8s.io', 'CustomResourceDefinition');
}

function faultsOf(object: object, crds: readonly Crd[]): Fault[] {
  const notJson = jsonFaults(object, '');
  if (notJson.length > 0) return notJson;
  const { group, kind } = typeOf(object);
  const apiVersion = at(object, 'apiVersion');
  if (typeof apiVersion !== 'string' || kind === '')
    return [
      { at: '', message: `must have apiVersion and kind, got ${show(apiVersion)} and ${show(at(object, 'kind'))}` },
    ];
  const custom = crdFor(crds, object);
  if (custom) return customResourceFaults(custom.crd, custom.version, object);
  const oldest = KubernetesSchemas.oldest();
  const newest = KubernetesSchemas.newest();
  const servers = [oldest, newest].filter((schemas) => schemas.serves(apiVersion, kind));
  if (servers.length === 0) {
    const declared = crds.find(({ spec }) => spec.group === group && spec.names.kind === kind);
    const versions = declared?.spec.versions.filter(({ served }) => served).map(({ name }) => `${group}/${name}`);
    return [
      {
        at: '',
        message: `${apiVersion} ${kind} is not known${versions ? `; served are ${versions.join(', ')}` : ', and there is no CRD for it'}`,
      },
    ];
  }
  if (servers.length === 1) {
    return [
      {
        at: '',
        message: `${apiVersion} ${kind} is served by Kubernetes ${servers[0]?.version} and not by ${(servers[0] === oldest ? newest : oldest).version}`,
      },
    ];
  }
  return inBoth(oldest, newest, object);
}

/** What only one of the two says is said with its version. */
function inBoth(oldest: KubernetesSchemas, newest: KubernetesSchemas, object: object): Fault[] {
  const key = ({ at, message }: Fault) => `${at} ${message.split(';')[0]}`;
  const old = oldest.faults(object);
  const young = newest.faults(object);
  const inOld = new Set(old.map(key));
  const inYoung = new Set(young.map(key));
  return [
    ...old.map((fault) =>
      inYoung.has(key(fault)) ? fault : { ...fault, message: `${fault.message} (Kubernetes ${oldest.version})` },
    ),
    ...young
      .filter((fault) => !inOld.has(key(fault)))
      .map((fault) => ({ ...fault, message: `${fault.message} (Kubernetes ${newest.version})` })),
  ];
}

/** What YAML or JSON cannot say, or says by accident. */
function jsonFaults(value: unknown, path: string): Fault[] {
  if (value === null || value === undefined)
    return [{ at: path, message: `is ${value}; a field without a value is left out` }];
  if (Array.isArray(value)) return value.flatMap((item, index) => jsonFaults(item, `${path}[${index}]`));
  if (isFields(value)) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      return [{ at: path, message: `is no plain data, but an instance of ${prototype.constructor.name}` }];
    return Object.entries(value).flatMap(([key, inner]) => jsonFaults(inner, path === '' ? key : `${path}.${key}`));
  }
  const isJson =
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  return isJson
    ? []
    : [{ at: path, message: `is no plain data, but ${typeof value === 'number' ? value : `a ${typeof value}`}` }];
}
