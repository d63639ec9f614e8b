import * as pulumi from '@pulumi/pulumi';
import type { IResolver, ResolutionContext } from 'cdk8s';
import type { Program } from '../../lib/constructs/program';
import { hash, hash32, Late } from '../../lib/model';

/**
 * A text that is known only when the program is deployed, for places that take a plain string. (Where a property takes a
 * `Value<string>`, an Output can be given as it is.) The placeholder that it returns may stand inside a longer text.
 *
 * @throws pulumi.RunError outside of the program of a MeshComponent
 */
export function text(value: pulumi.Input<string>): string {
  if (typeof value === 'string') return value;
  return standIn('text', value, (key) => Late.text(hash(key)));
}

/**
 * A number that is known only when the program is deployed, for places that take a plain number.
 *
 * @throws pulumi.RunError outside of the program of a MeshComponent
 */
export function amount(value: pulumi.Input<number>): number {
  if (typeof value === 'number') return value;
  return standIn('amount', value, (key) => Late.number(hash32(key)));
}

/** The program that runs now; programs do not wait, so there is one at a time. */
let running: { readonly program: Program; count: number } | undefined;

/** Runs a program, in which {@link text} and {@link amount} work. */
export function whileRunning<T>(program: Program, run: () => T): T {
  const outer = running;
  running = { program, count: 0 };
  try {
    return run();
  } finally {
    running = outer;
  }
}

function standIn<T extends string | number>(name: string, value: unknown, placeholder: (key: string) => T): T {
  if (!running) {
    throw new pulumi.RunError(
      `${name}() was called outside of a program; call it in the \`program\` (or \`services\`) of a MeshComponent`,
    );
  }
  const standing = placeholder(`${name} ${running.count++}`);
  running.program.standFor(standing, value);
  return standing;
}

/** Lets Outputs stand in any object that cdk8s synthesizes. */
export class OutputResolver implements IResolver {
  constructor(private readonly programOf: () => Program) {}

  resolve(context: ResolutionContext): void {
    if (!pulumi.Output.isInstance(context.value)) return;
    const placeholder = Late.text(hash(`${context.obj.node.path} ${context.key.join('.')}`));
    this.programOf().standFor(placeholder, context.value);
    context.replaceValue(placeholder);
  }
}

/** The placeholders of a synthesis and what they stand for. */
export type LateValues = ReadonlyMap<string | number, unknown>;

/**
 * Puts Outputs where their placeholders stand: in the place of a whole value the Output itself, inside a longer text one
 * that is put together once all are known.
 *
 * @throws Error where a placeholder has been changed on its way, and so cannot be replaced
 */
export function reveal(value: unknown, late: LateValues, path = ''): unknown {
  if (late.size === 0) return value;
  if (typeof value === 'string') return revealText(value, late, path);
  if (typeof value === 'number') return revealNumber(value, late, path);
  if (Array.isArray(value)) return value.map((child, index) => reveal(child, late, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const at = path === '' ? key : `${path}.${key}`;
      if (mayHoldPlaceholder(key)) throw unplaceable(`the key of ${at}`);
      if (structural.includes(at) && holdsPlaceholder(child, late)) throw unplaceable(at);
      return [key, reveal(child, late, at)];
    }),
  );
}

/** What makes an object the object that it is. */
const structural: readonly string[] = ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace'];

function holdsPlaceholder(value: unknown, late: LateValues): boolean {
  return typeof value === 'string' && (late.has(value) || mayHoldPlaceholder(value));
}

function revealNumber(value: number, late: LateValues, path: string): unknown {
  if (value > smallest) return value;
  if (!late.has(value)) throw changed(path, String(value));
  return late.get(value);
}

/** No number of a manifest is below this, and every placeholder is, also one that was halved or doubled. */
const smallest = -1e12;

function revealText(value: string, late: LateValues, path: string): unknown {
  if (!mayHoldPlaceholder(value)) return value;
  if (late.has(value)) return late.get(value);
  const parts = value.split(placeholders).filter((part) => part !== '');
  const written = isJson(value) ? (late: string) => JSON.stringify(late).slice(1, -1) : (late: string) => late;
  const found = parts.map((part) => {
    const key = late.has(part) ? part : Number(part);
    if (late.has(key)) return pulumi.output(late.get(key) as pulumi.Input<string | number>);
    if (mayHoldPlaceholder(part)) throw changed(path, part);
    return part;
  });
  return pulumi
    .all(found)
    .apply((known) =>
      known.map((part, index) => (typeof found[index] === 'string' ? part : written(String(part)))).join(''),
    );
}

const placeholders = /(late-0x[0-9a-f]{16}|-9\d{15})/;

/** Finds also what is left of one that was cut or escaped. */
function mayHoldPlaceholder(value: string): boolean {
  return /late.{0,2}-0x|-9\d{15}/.test(value);
}

/** Texts of ConfigMaps, annotations. */
function isJson(value: string): boolean {
  if (!/^\s*[[{]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

function changed(path: string, placeholder: string): Error {
  return new Error(
    `${path} is computed from a value that is known only at deployment (${placeholder} is left of it); give that value plainly`,
  );
}

function unplaceable(path: string): Error {
  return new Error(
    `${path} decides what is synthesized, but its value is known only at deployment; give it a plain value`,
  );
}
