import { readFileSync } from 'node:fs';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import { tool } from '../fetched';
import { child } from '../json';
import { typeOf } from '../objects';
import { formats } from './formats';
import { type Fault, show } from './values';

/**
 * The strict schemas of one Kubernetes: every kind it serves, no field unknown.
 * They come from its own OpenAPI, by way of the Python wheel `kubernetes-validate`; `.ci/prepare.mjs test` fetches them.
 */
export class KubernetesSchemas {
  static #all: readonly KubernetesSchemas[] | undefined;

  /** Those that were fetched, oldest first; the first and the last are the ends of what Meshwright supports. */
  static all(): readonly KubernetesSchemas[] {
    KubernetesSchemas.#all ??= Object.entries(tool<{ readonly [version: string]: string }>('kubernetesSchemas'))
      .map(([version, path]) => new KubernetesSchemas(version, path))
      .sort((one, other) => minorOf(one.version) - minorOf(other.version));
    return KubernetesSchemas.#all;
  }

  static oldest(): KubernetesSchemas {
    return KubernetesSchemas.#at(0);
  }

  static newest(): KubernetesSchemas {
    return KubernetesSchemas.#at(-1);
  }

  static #at(index: number): KubernetesSchemas {
    const schemas = KubernetesSchemas.all().at(index);
    if (!schemas) throw new Error('no schemas of Kubernetes were fetched');
    return schemas;
  }

  readonly #path: string;
  readonly #validators = new Map<string, ValidateFunction>();
  #loaded: { readonly ajv: Ajv; readonly names: ReadonlyMap<string, string> } | undefined;

  private constructor(
    readonly version: string,
    path: string,
  ) {
    this.#path = path;
  }

  /** Whether it serves a kind in a version. */
  serves(apiVersion: string, kind: string): boolean {
    return this.#load().names.has(`${apiVersion} ${kind}`);
  }

  /** What is wrong with an object of a kind that it serves. */
  faults(object: object): Fault[] {
    const { group, version, kind } = typeOf(object);
    const validator = this.#validator(`${group === '' ? version : `${group}/${version}`} ${kind}`);
    if (validator(object)) return [];
    return faultsOf(validator.errors ?? []);
  }

  /** What is wrong with the metadata of any object. */
  metadataFaults(metadata: unknown): Fault[] {
    const validator = this.#validator('metadata');
    return validator(metadata) ? [] : faultsOf(validator.errors ?? [], 'metadata');
  }

  #validator(key: string): ValidateFunction {
    const known = this.#validators.get(key);
    if (known) return known;
    const { ajv, names } = this.#load();
    const validator = ajv.compile({ $ref: `_definitions.json#/$defs/${names.get(key)}` });
    this.#validators.set(key, validator);
    return validator;
  }

  #load() {
    if (this.#loaded) return this.#loaded;
    const definitions = JSON.parse(readFileSync(this.#path, 'utf8')) as { $defs: { [name: string]: Definition } };
    const names = new Map([['metadata', 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']]);
    for (const [name, definition] of Object.entries(definitions.$defs)) {
      for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
        if (definition.properties?.metadata)
          names.set(`${group === '' ? version : `${group}/${version}`} ${kind}`, name);
      }
    }
    const ajv = new Ajv({ strict: false, allErrors: true, inlineRefs: false, verbose: true, formats: ajvFormats });
    ajv.addSchema(definitions, '_definitions.json');
    this.#loaded = { ajv, names };
    return this.#loaded;
  }
}

interface Definition {
  readonly properties?: { readonly [name: string]: unknown };
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

const integer = (bits: number) => ({
  type: 'number' as const,
  validate: (value: number) => Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1),
});

const ajvFormats = {
  int32: integer(32),
  int64: integer(64),
  double: true as const,
  byte: formats.byte ?? (true as const),
  'date-time': formats['date-time'] ?? (true as const),
};

function faultsOf(errors: readonly ErrorObject[], root = ''): Fault[] {
  // The branches of a choice fail each for itself; the choice says it once.
  const choices = errors.filter(({ keyword }) => keyword === 'oneOf').map(({ schemaPath }) => schemaPath);
  const told = errors.filter(({ schemaPath }) => !choices.some((choice) => schemaPath.startsWith(`${choice}/`)));
  return told.map((error) => ({ at: fieldOf(error, root), message: messageOf(error) }));
}

function fieldOf({ instancePath, keyword, params }: ErrorObject, root: string): string {
  const keys = instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (keyword === 'additionalProperties') keys.push(String(params.additionalProperty));
  if (keyword === 'required') keys.push(String(params.missingProperty));
  return keys.reduce((path, key) => child(path, /^\d+$/.test(key) ? Number(key) : key), root);
}

function messageOf({ keyword, params, parentSchema, data, message }: ErrorObject): string {
  switch (keyword) {
    case 'additionalProperties':
      return `unknown field; known are ${Object.keys((parentSchema as Definition).properties ?? {})
        .sort()
        .join(', ')}`;
    case 'required':
      return 'is required';
    case 'type':
      return `must be of type ${[params.type]
        .flat()
        .filter((type) => type !== 'null')
        .join(' or ')}, got ${show(data)}`;
    case 'oneOf':
      return `must be of type ${choiceOf(parentSchema as Choice)}, got ${show(data)}`;
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).map(show).join(', ')}, got ${show(data)}`;
    case 'format':
      return `must be of format ${params.format}, got ${show(data)}`;
    default:
      return `${message ?? keyword}, got ${show(data)}`;
  }
}

interface Choice {
  readonly oneOf: readonly { readonly type: readonly string[] }[];
}

function choiceOf({ oneOf }: Choice): string {
  return oneOf
    .flatMap(({ type }) => type)
    .filter((type) => type !== 'null')
    .join(' or ');
}
