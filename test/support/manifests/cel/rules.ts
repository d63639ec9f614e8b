import { Environment, Optional } from '@marcbachmann/cel-js';
import { child, isFields } from '../json';
import type { Rule, Schema } from '../openapi';
import { re2 } from '../schema/re2';
import type { Fault } from '../schema/values';
import { engineOnly, registerKubernetes } from './functions';
import { celSource } from './source';
import { type CelType, celType } from './values';

/** The newest Kubernetes, whose CEL is the largest. */
const newestMinor = 37;

/** A rule that has been read against the schema it stands in. */
export interface CompiledRule {
  readonly rule: Rule;
  /** What is wrong with the rule itself: it does not parse, or speaks of what the schema does not have. */
  readonly error?: string;
  /** Whether it compares with the value before. */
  readonly usesOldSelf: boolean;
  /** Its syntax tree, as the engine has it; none when it does not parse. */
  readonly syntax?: unknown;
  /** What it says to a value of its schema: undefined when it holds, else why not. */
  readonly refusal: (self: unknown) => string | undefined;
}

/** The rules of one schema, apart from those inside it; `minor` is the Kubernetes they are for. */
export function compileRules(schema: Schema, isRoot: boolean, minor = newestMinor): readonly CompiledRule[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  const scope = scopeOf(schema, isRoot, minor);
  if (!scope) {
    const error = 'a schema without a type cannot have rules';
    return rules.map((rule) => ({ rule, error, usesOldSelf: false, refusal: () => error }));
  }
  return rules.map((rule) => compile(rule, scope.type, rule.optionalOldSelf ? scope.withOptionalOld : scope.withOld));
}

/** An expression that makes the message of a rule: what is wrong with it, or its syntax. */
export function compileMessage(
  schema: Schema,
  isRoot: boolean,
  expression: string,
  minor = newestMinor,
): { readonly error?: string; readonly syntax?: unknown } {
  try {
    const parsed = scopeOf(schema, isRoot, minor)?.withOld.parse(celSource(expression));
    const { valid, type, error } = parsed?.check() ?? { valid: true, type: 'string' };
    if (!valid) return { error: summaryOf(error) };
    return type === 'string' ? { syntax: parsed?.ast } : { error: `must give a string, gives ${type}` };
  } catch (thrown) {
    return { error: summaryOf(thrown) };
  }
}

/** The environment in which the expressions of a schema stand; none for a schema that CEL cannot see. */
function scopeOf(schema: Schema, isRoot: boolean, minor: number) {
  const environment = baseEnvironment(minor).clone();
  const type = celType(environment, schema, isRoot, minor);
  if (!type) return undefined;
  environment.registerVariable('self', type.name);
  const withOld = environment.clone().registerVariable('oldSelf', type.name);
  const withOptionalOld = environment.clone().registerVariable('oldSelf', `optional<${type.name}>`);
  return { type, withOld, withOptionalOld };
}

/** The faults of a value, at all depths, under the rules of its schema. Defaults must have been filled in before. */
export function ruleFaults(schema: Schema, value: unknown, isRoot = false, path = ''): Fault[] {
  const faults: Fault[] = [];
  if (value === null) return faults;
  for (const { rule, usesOldSelf, refusal } of knownRules(schema, isRoot)) {
    // There is no value before: the object is a new one.
    if (usesOldSelf && !rule.optionalOldSelf) continue;
    const message = refusal(value);
    if (message !== undefined) faults.push({ at: rule.fieldPath ? `${path}${rule.fieldPath}` : path, message });
  }
  const { items, properties = {}, additionalProperties } = schema;
  if (items && Array.isArray(value)) {
    faults.push(
      ...value.flatMap((item, index) =>
        ruleFaults(items, item, items['x-kubernetes-embedded-resource'], child(path, index)),
      ),
    );
  }
  if (isFields(value)) {
    for (const [key, inner] of Object.entries(value)) {
      const property = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      if (typeof property !== 'object') continue;
      faults.push(...ruleFaults(property, inner, property['x-kubernetes-embedded-resource'], child(path, key)));
    }
  }
  return faults;
}

function knownRules(schema: Schema, isRoot: boolean): readonly CompiledRule[] {
  const known = compiled.get(schema);
  if (known) return known;
  const rules = compileRules(schema, isRoot);
  compiled.set(schema, rules);
  return rules;
}

const compiled = new WeakMap<Schema, readonly CompiledRule[]>();

function baseEnvironment(minor: number): Environment {
  const known = environments.get(minor);
  if (known) return known;
  const environment = new Environment({ enableOptionalTypes: true });
  registerKubernetes(environment, minor);
  environments.set(minor, environment);
  return environment;
}

const environments = new Map<number, Environment>();

function compile(rule: Rule, type: CelType, environment: Environment): CompiledRule {
  const source = celSource(rule.rule);
  const usesOldSelf = /\boldSelf\b/.test(source.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, ''));
  const broken = (error: string): CompiledRule => ({
    rule,
    error,
    usesOldSelf,
    refusal: () => `the rule is broken: ${error}`,
  });
  if (engineOnly.some((name) => name.test(source))) return broken('it calls a function that Kubernetes does not have');
  try {
    const parsed = environment.parse(source);
    const { valid, type: result, error } = parsed.check();
    if (!valid) return broken(summaryOf(error));
    if (result !== 'bool') return broken(`it must give a bool, gives ${result}`);
    for (const pattern of patternsIn(parsed.ast)) re2(pattern);
    const refusal = (self: unknown) => {
      try {
        const value = type.of(self);
        return parsed({ self: value, oldSelf: Optional.none() }) === true ? undefined : messageOf(rule);
      } catch (thrown) {
        return `the rule "${rule.rule}" failed: ${summaryOf(thrown)}`;
      }
    };
    return { rule, usesOldSelf, refusal, syntax: parsed.ast };
  } catch (thrown) {
    return broken(summaryOf(thrown));
  }
}

/** The regular expressions that are written in a rule: the API server reads them when it reads the rule. */
function patternsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(patternsIn);
  if (!isFields(node)) return [];
  const { op, args } = node;
  const [name, , [pattern]] =
    op === 'rcall'
      ? (args as [string, unknown, { readonly op: string; readonly args: unknown }[]])
      : ['', undefined, []];
  const isLiteral = pattern?.op === 'value' && typeof pattern.args === 'string';
  const own = ['matchesRe2', 'find', 'findAll'].includes(name) && isLiteral ? [pattern.args as string] : [];
  return [...own, ...patternsIn(args)];
}

/** What the API server would say; an expression for the message is not evaluated. */
function messageOf(rule: Rule): string {
  return rule.message ?? `failed rule: ${rule.rule.trim()}`;
}

/** The engine's message has the source under it, with a marker; the first line says it. */
function summaryOf(error: unknown): string {
  const { summary, message } = error as { readonly summary?: string; readonly message: string };
  return (summary ?? message).split('\n')[0] ?? '';
}
