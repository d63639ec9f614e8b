import { child } from '../json';
import { rootWithMeta, type Schema } from '../openapi';

/** A part of a rule whose cost has no bound. */
export type Unbounded =
  | {
      /** The field, from the value that the rule is about; empty for the value itself. */
      readonly field: string;
      /** The keyword that would bound it. */
      readonly missing: 'maxLength' | 'maxItems' | 'maxProperties';
    }
  /** A call whose result the estimate does not know the size of. */
  | { readonly resultOf: 'map()' | 'filter()' | 'string()' };

/**
 * The strings, lists and maps that a rule reads whole and that have no greatest size. The API server estimates what a rule
 * costs at worst and refuses the CRD when that is too much; it takes a size that is not limited for as large as a request can
 * be. This finds what makes the estimate explode; it does not compute it.
 * https://kubernetes.io/docs/reference/using-api/cel/#resource-use-by-cel-functions
 */
export function unboundedIn(syntax: unknown, schema: Schema, isRoot: boolean): Unbounded[] {
  const found = new Map<string, Unbounded>();
  const report = (unbounded: Unbounded) => found.set(JSON.stringify(unbounded), unbounded);
  const self: Value = { schema: isRoot ? rootWithMeta(schema) : schema, field: '' };
  visit(
    syntax as Node,
    new Map([
      ['self', self],
      ['oldSelf', self],
    ]),
    report,
  );
  return [...found.values()];
}

/** The keyword that a schema lacks to have a greatest size; looks into what is inside. */
function unboundedSchema({ schema, field, resultOf }: Value): Unbounded[] {
  if (resultOf) return [{ resultOf }];
  const { type, items, additionalProperties, properties = {} } = schema;
  if (type === 'string') return isBoundedString(schema) ? [] : [{ field, missing: 'maxLength' }];
  if (type === 'array') {
    const inner = items ? unboundedSchema({ schema: items, field: `${field}[]` }) : [];
    return schema.maxItems === undefined ? [{ field, missing: 'maxItems' }, ...inner] : inner;
  }
  if (typeof additionalProperties === 'object') {
    const inner = unboundedSchema({ schema: additionalProperties, field: `${field}[]` });
    return schema.maxProperties === undefined ? [{ field, missing: 'maxProperties' }, ...inner] : inner;
  }
  return Object.entries(properties).flatMap(([name, property]) =>
    unboundedSchema({ schema: property, field: child(field, name) }),
  );
}

/** An expression whose schema is known, and the field that it is. */
interface Value {
  readonly schema: Schema;
  readonly field: string;
  /** Set when it is not the field itself, but a list made from it. */
  readonly resultOf?: 'map()' | 'filter()';
}

/** The engine's syntax tree; macros stand in it as the calls they were written as. */
interface Node {
  readonly op: string;
  readonly args: unknown;
}

type Scope = ReadonlyMap<string, Value | undefined>;
type Report = (unbounded: Unbounded) => void;

/** Reading the size, the presence or the type of a value costs the same whatever its size is. */
const cheap = new Set(['size', 'has', 'hasField', 'type', 'hasValue']);
const macros = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

function visit(node: Node, scope: Scope, report: Report): Value | undefined {
  switch (node.op) {
    case 'value':
      return undefined;
    case 'id':
      return scope.get(node.args as string);
    case '.':
    case '.?': {
      const [object, name] = node.args as [Node, string];
      return fieldOf(visit(object, scope, report), name);
    }
    case '[]':
    case '[?]': {
      const [collection, index] = node.args as [Node, Node];
      consume(index, scope, report);
      return itemOf(visit(collection, scope, report));
    }
    case 'call': {
      const [name, args] = node.args as [string, Node[]];
      for (const arg of args) cheap.has(name) ? visit(arg, scope, report) : consume(arg, scope, report);
      return undefined;
    }
    case 'rcall': {
      const [name, receiver, args] = node.args as [string, Node, Node[]];
      const [variable] = args;
      if (macros.has(name) && variable?.op === 'id') return visitMacro(name, receiver, args, scope, report);
      if (name === 'orValue' || cheap.has(name)) {
        for (const arg of args) consume(arg, scope, report);
        const value = visit(receiver, scope, report);
        return name === 'orValue' ? value : undefined;
      }
      for (const each of [receiver, ...args]) consume(each, scope, report);
      return undefined;
    }
    case '+':
      for (const operand of node.args as Node[]) {
        if (operand.op === 'call' && (operand.args as [string])[0] === 'string') report({ resultOf: 'string()' });
        consume(operand, scope, report);
      }
      return undefined;
    case '?:': {
      const [condition, yes, no] = node.args as [Node, Node, Node];
      consume(condition, scope, report);
      return visit(yes, scope, report) ?? visit(no, scope, report);
    }
    default:
      for (const operand of [node.args].flat(2) as Node[]) consume(operand, scope, report);
      return undefined;
  }
}

/** `list.all(x, ...)`: runs once for each item, so the list itself must be bounded, whatever its items are. */
function visitMacro(
  name: string,
  receiver: Node,
  args: readonly Node[],
  scope: Scope,
  report: Report,
): Value | undefined {
  const collection = visit(receiver, scope, report);
  if (collection?.resultOf) report({ resultOf: collection.resultOf });
  else if (collection) {
    const { type, maxItems, maxProperties, additionalProperties } = collection.schema;
    if (type === 'array' && maxItems === undefined) report({ field: collection.field, missing: 'maxItems' });
    if (additionalProperties && maxProperties === undefined)
      report({ field: collection.field, missing: 'maxProperties' });
  }
  const [variable, ...bodies] = args;
  const item = collection?.schema.type === 'array' ? itemOf(collection) : undefined; // of a map, the keys are visited
  const inner = new Map([...scope, [variable?.args as string, item]]);
  for (const body of bodies) consume(body, inner, report);
  if (name === 'filter') return collection && { ...collection, resultOf: 'filter()' };
  return name === 'map' ? { schema: {}, field: '', resultOf: 'map()' } : undefined;
}

/** An operand is read whole. */
function consume(node: Node, scope: Scope, report: Report): void {
  const value = visit(node, scope, report);
  if (value) for (const unbounded of unboundedSchema(value)) report(unbounded);
}

function fieldOf(object: Value | undefined, name: string): Value | undefined {
  if (!object) return undefined;
  const { properties = {}, additionalProperties } = object.schema;
  // A name of an object's metadata is bounded by Kubernetes.
  if (object.field === 'metadata') return undefined;
  const plain = name
    .replace(/^__(?!underscores|dot|dash|slash)(\w+?)__$/, '$1')
    .replace(/__(underscores|dot|dash|slash)__/g, (_, part: string) => unescapes[part] ?? '');
  const schema = Object.hasOwn(properties, plain) ? properties[plain] : additionalProperties;
  return typeof schema === 'object' ? { schema, field: child(object.field, plain) } : undefined;
}

const unescapes: { readonly [part: string]: string } = { underscores: '__', dot: '.', dash: '-', slash: '/' };

function itemOf(collection: Value | undefined): Value | undefined {
  if (collection?.resultOf === 'map()') return undefined;
  const { items, additionalProperties } = collection?.schema ?? {};
  const schema = items ?? additionalProperties;
  return typeof schema === 'object' ? { schema, field: `${collection?.field}[]` } : undefined;
}

function isBoundedString({ maxLength, format, enum: values }: Schema): boolean {
  return maxLength !== undefined || values !== undefined || ['date', 'date-time', 'duration'].includes(format ?? '');
}
