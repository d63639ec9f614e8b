import { type Unbounded, unboundedIn } from '../cel/bounds';
import { type CompiledRule, compileMessage, compileRules, ruleFaults } from '../cel/rules';
import type { Rule, Schema } from '../openapi';
import { withDefaults } from '../schema/defaulting';
import { valueFaults } from '../schema/values';
import type { Place } from './place';

/** A default must itself be valid, or no object that leaves the field out could be written. */
export function defaultProblems({ schema }: Place): string[] {
  if (schema.default === undefined) return [];
  const value = withDefaults(schema, schema.default);
  const faults = valueFaults(schema, value);
  const broken = faults.length > 0 ? faults : ruleFaults(schema, value);
  return broken.map(({ at, message }) => `default: ${at === '' ? '' : `${at}: `}${message}`);
}

/** What is wrong with the CEL rules of one schema, for an API server of Kubernetes `1.<minor>`. */
export function ruleProblems(place: Place, minor: number): string[] {
  const compiled = compileRules(place.schema, place.level === 'root', minor);
  return compiled.flatMap((rule, index) => {
    const problems = [
      ...textProblems(rule.rule),
      ...(rule.error ? [rule.error] : soundRuleProblems(place, rule, minor)),
    ];
    return problems.map((problem) => `rule ${index} (${shortened(rule.rule.rule)}): ${problem}`);
  });
}

function textProblems({ rule, message, messageExpression, reason }: Rule): string[] {
  const problems: string[] = [];
  if (message === undefined && messageExpression === undefined)
    problems.push('must have a message: what the user sees otherwise is the rule');
  if (message !== undefined && message.trim() === '') problems.push('message must not be empty');
  if (message?.includes('\n')) problems.push('message must not have line breaks');
  if (message !== undefined && message.length > 2048) problems.push('message must be at most 2048 characters long');
  if (rule.trim() === '') problems.push('must not be empty');
  const reasons = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'];
  if (reason !== undefined && !reasons.includes(reason))
    problems.push(`reason must be one of ${reasons.join(', ')}, got "${reason}"`);
  return problems;
}

function soundRuleProblems(place: Place, { rule, syntax, usesOldSelf }: CompiledRule, minor: number): string[] {
  const { schema, level, around } = place;
  const problems: string[] = [];
  const message =
    rule.messageExpression === undefined
      ? undefined
      : compileMessage(schema, level === 'root', rule.messageExpression, minor);
  if (message?.error) problems.push(`messageExpression: ${message.error}`);
  if (rule.fieldPath !== undefined && !pointsIntoSchema(rule.fieldPath, schema))
    problems.push(`fieldPath ${rule.fieldPath} is not in the schema`);
  // Old and new items can only be matched where the items of a list have keys.
  const unmatched = around.find(
    (outer) => outer.schema.type === 'array' && outer.schema['x-kubernetes-list-type'] !== 'map',
  );
  if (usesOldSelf && unmatched)
    problems.push(`oldSelf cannot be used inside ${unmatched.path}, whose items have no keys`);
  if (rule.optionalOldSelf !== undefined && !usesOldSelf)
    problems.push('optionalOldSelf must not be set: oldSelf is not used');
  for (const outer of around) {
    const missing = outer.schema.type === 'array' ? 'maxItems' : 'maxProperties';
    if (outer.schema[missing] === undefined) problems.push(`runs for each of ${outer.path}, which has no ${missing}`);
  }
  const isRoot = level === 'root';
  problems.push(...unboundedIn(syntax, schema, isRoot).map(costProblem));
  if (message?.syntax)
    problems.push(
      ...unboundedIn(message.syntax, schema, isRoot).map((unbounded) => `messageExpression: ${costProblem(unbounded)}`),
    );
  return problems;
}

function costProblem(unbounded: Unbounded): string {
  if ('resultOf' in unbounded)
    return `reads the result of ${unbounded.resultOf}, whose size Kubernetes does not estimate`;
  const { field, missing } = unbounded;
  const name = field === '' || field.startsWith('[') ? `self${field}` : `self.${field}`;
  return `reads ${name}, which has no ${missing}`;
}

function pointsIntoSchema(fieldPath: string, schema: Schema): boolean {
  if (!/^(\.[A-Za-z_]\w*|\['[^']+'\])+$/.test(fieldPath)) return false;
  let inner: Schema = schema;
  for (const [, plain, quoted] of fieldPath.matchAll(/\.(\w+)|\['([^']+)'\]/g)) {
    const next = inner.properties?.[plain ?? quoted ?? ''] ?? inner.additionalProperties;
    if (typeof next !== 'object') return false;
    inner = next;
  }
  return true;
}

function shortened(rule: string): string {
  const line = rule.trim().replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
