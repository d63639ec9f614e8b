import { type Fields, fields, items, text } from '../json';
import { namespaceOf, typeOf } from '../objects';
import { type PodTemplate, podTemplateOf } from '../pods';

/** One law: every breach of it, as text that starts with the object. */
export type Law = (manifests: Manifests) => string[];

/** A set of objects, and what may be asked of it. */
export class Manifests {
  readonly templates: readonly PodTemplate[];
  readonly #byKey: ReadonlyMap<string, object>;
  readonly #elsewhere: ReadonlySet<string>;

  constructor(
    readonly objects: readonly object[],
    elsewhere: readonly string[],
  ) {
    this.templates = objects.map(podTemplateOf).filter((template) => template !== undefined);
    this.#byKey = new Map(objects.map((object) => [keyOf(object), object]));
    this.#elsewhere = new Set(elsewhere);
  }

  /** The object of a kind and name, in any version of its group; the namespace says nothing for kinds that have none. */
  find(group: string, kind: string, namespace: string, name: string): object | undefined {
    return this.#byKey.get(key(group, kind, namespace, name)) ?? this.#byKey.get(key(group, kind, '', name));
  }

  /** Whether an object is in the set, or is said to be made elsewhere. */
  has(group: string, kind: string, namespace: string, name: string): boolean {
    if (this.find(group, kind, namespace, name)) return true;
    return [`${kind} ${namespace}/${name}`, `${kind} */${name}`, `${kind} ${name}`].some((known) =>
      this.#elsewhere.has(known),
    );
  }

  /** The pods of a namespace that a label selector selects. */
  selected(namespace: string, selector: unknown): PodTemplate[] {
    return this.templates.filter((template) => template.namespace === namespace && selects(selector, template.labels));
  }

  ofKind(group: string, ...kinds: string[]): readonly object[] {
    return this.objects.filter((object) => {
      const type = typeOf(object);
      return type.group === group && kinds.includes(type.kind);
    });
  }
}

/** An object by what must be unique: in another version it is the same object. */
export function keyOf(object: object): string {
  const { group, kind } = typeOf(object);
  return key(group, kind, clusterScoped(object) ? '' : namespaceOf(object), text(object, 'metadata', 'name'));
}

/** Whether an object is known to live in no namespace: of Kubernetes' own kinds by name, of others when it has none. */
export function clusterScoped(object: object): boolean {
  const { group, kind } = typeOf(object);
  const isOwn = group === '' || !group.includes('.') || group.endsWith('.k8s.io');
  if (isOwn && group !== 'gateway.networking.k8s.io') return clusterKinds.has(kind);
  return text(object, 'metadata', 'namespace') === '';
}

const clusterKinds = new Set([
  ...['APIService', 'CSIDriver', 'ClusterRole', 'ClusterRoleBinding', 'ClusterTrustBundle', 'CustomResourceDefinition'],
  ...[
    'FlowSchema',
    'IngressClass',
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
  ],
  ...[
    'Namespace',
    'Node',
    'PersistentVolume',
    'PriorityClass',
    'PriorityLevelConfiguration',
    'RuntimeClass',
    'StorageClass',
  ],
  ...[
    'TokenReview',
    'SubjectAccessReview',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
]);

/** Whether `matchLabels` and `matchExpressions` select a set of labels; an empty selector selects everything. */
export function selects(selector: unknown, labels: Fields): boolean {
  const { matchLabels, matchExpressions } = fields(selector);
  return (
    Object.entries(fields(matchLabels)).every(([label, value]) => labels[label] === value) &&
    items(matchExpressions).every((expression) => {
      const value = labels[text(expression, 'key')];
      const values = items(fields(expression).values);
      switch (text(expression, 'operator')) {
        case 'In':
          return values.includes(value);
        case 'NotIn':
          return !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}

function key(group: string, kind: string, namespace: string, name: string): string {
  return `${group} ${kind} ${namespace}/${name}`;
}
