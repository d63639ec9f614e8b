import { names } from '../../model';
import type { Schema } from '../declared/shape';
import type { Manifest } from '../manifest';

/** One of the mesh's own kinds. */
export interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  /** What `kubectl explain` says of it. */
  readonly description: string;
  readonly spec: Schema;
  /** Fields of the status beside its conditions. */
  readonly status?: { readonly [field: string]: Schema };
  readonly columns: readonly Column[];
}

/** What `kubectl get` shows of an object. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** Only with `-o wide`. */
  readonly wide?: boolean;
}

/** A CustomResourceDefinition. */
export function definition({ kind, plural, shortNames, scope, description, spec, status, columns }: Kind): Manifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${names.apiGroup}`, labels: { [names.keys.managedBy]: 'meshwright' } },
    spec: {
      group: names.apiGroup,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames,
        categories: ['meshwright'],
      },
      scope,
      versions: [
        {
          name: names.apiVersion.slice(names.apiGroup.length + 1),
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [...columns, age].map(({ wide, ...column }) => ({
            ...column,
            ...(wide ? { priority: 1 } : {}),
          })),
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description,
              required: ['spec'],
              properties: {
                spec: { ...spec, description: 'What is wanted.' },
                status: statusSchema(status ?? {}),
              },
            },
          },
        },
      ],
    },
  };
}

/** Whether a condition of an object holds. */
export function conditionColumn(type: string, description: string): Column {
  return { name: type, type: 'string', jsonPath: `.status.conditions[?(@.type=="${type}")].status`, description };
}

const age: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Since when it is there.',
};

function statusSchema(properties: { readonly [field: string]: Schema }): Schema {
  return {
    type: 'object',
    description: 'What the control plane has made of it.',
    properties: {
      observedGeneration: {
        type: 'integer',
        format: 'int64',
        minimum: 0,
        description: 'Generation of the object that the status is about.',
      },
      conditions,
      ...properties,
    },
  };
}

/** metav1.Condition. https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties */
const conditions: Schema = {
  type: 'array',
  maxItems: 16,
  description:
    'Accepted: it makes sense. ResolvedRefs: what it refers to is there. Programmed: every proxy that needs it has acknowledged it.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    description: 'One aspect of its state.',
    required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
    properties: {
      type: {
        type: 'string',
        maxLength: 316,
        pattern:
          '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
        description: 'Which aspect.',
      },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'], description: 'True, False or Unknown.' },
      observedGeneration: {
        type: 'integer',
        format: 'int64',
        minimum: 0,
        description: 'Generation of the object that the condition is about.',
      },
      lastTransitionTime: { type: 'string', format: 'date-time', description: 'When it last changed.' },
      reason: {
        type: 'string',
        minLength: 1,
        maxLength: 1_024,
        pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
        description: 'Why, in one word for programs.',
      },
      message: { type: 'string', maxLength: 32_768, description: 'Why, in words for people.' },
    },
  },
};
