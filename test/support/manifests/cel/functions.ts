import { isIP } from 'node:net';
import { type Environment, Optional } from '@marcbachmann/cel-js';
import { formats, isCidr, isUrl } from '../schema/formats';
import { Quantity } from '../schema/quantity';
import { re2 } from '../schema/re2';

/**
 * Functions that Kubernetes adds to CEL, beyond those the engine brings.
 * https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries
 *
 * `since` is the Kubernetes from which on a new rule may use them: one version after the library was introduced, because an
 * API server admits only what the version before it understands as well (k8s.io/apiserver pkg/cel/environment/base.go).
 */
interface Library {
  readonly since: number;
  readonly functions: { readonly [signature: string]: (...args: never[]) => unknown };
}

class Url {
  constructor(readonly url: URL) {}
}
class Ip {
  constructor(readonly address: string) {}
}
class Cidr {
  constructor(
    readonly address: string,
    readonly bits: number,
  ) {}
}
class Format {
  constructor(readonly errorsOf: (value: string) => readonly string[]) {}
}
/** What `format` itself is, before the dot. */
class Formats {}

const types = { Url, Ip, Cidr, Format, Formats, Quantity };

const always = 0;

const libraries: readonly Library[] = [
  {
    since: always,
    functions: {
      'string.matchesRe2(string): bool': (value: string, pattern: string) => re2(pattern).test(value),
      'matches(string, string): bool': (value: string, pattern: string) => re2(pattern).test(value),
      'string.find(string): string': (value: string, pattern: string) => re2(pattern).exec(value)?.[0] ?? '',
      'string.findAll(string): list<string>': (value: string, pattern: string) => findAll(value, pattern),
      'string.charAt(int): string': (value: string, index: bigint) => [...value][Number(index)] ?? '',
      'string.replace(string, string): string': (value: string, old: string, by: string) =>
        value.replaceAll(old, () => by),
    },
  },
  {
    since: always,
    functions: {
      'list<int>.sum(): int': (list: bigint[]) => list.reduce((sum, each) => sum + each, 0n),
      'list<double>.sum(): double': (list: number[]) => list.reduce((sum, each) => sum + each, 0),
      'list<int>.min(): int': (list: bigint[]) => extreme(list, (one, other) => one < other),
      'list<double>.min(): double': (list: number[]) => extreme(list, (one, other) => one < other),
      'list<string>.min(): string': (list: string[]) => extreme(list, (one, other) => one < other),
      'list<int>.max(): int': (list: bigint[]) => extreme(list, (one, other) => one > other),
      'list<double>.max(): double': (list: number[]) => extreme(list, (one, other) => one > other),
      'list<string>.max(): string': (list: string[]) => extreme(list, (one, other) => one > other),
      'list<int>.isSorted(): bool': isSorted,
      'list<double>.isSorted(): bool': isSorted,
      'list<string>.isSorted(): bool': isSorted,
      'list<int>.indexOf(int): int': (list: bigint[], value: bigint) => BigInt(list.indexOf(value)),
      'list<string>.indexOf(string): int': (list: string[], value: string) => BigInt(list.indexOf(value)),
      'list<int>.lastIndexOf(int): int': (list: bigint[], value: bigint) => BigInt(list.lastIndexOf(value)),
      'list<string>.lastIndexOf(string): int': (list: string[], value: string) => BigInt(list.lastIndexOf(value)),
    },
  },
  {
    since: always,
    functions: {
      'isURL(string): bool': isUrl,
      'url(string): Url': (value: string) => {
        if (!isUrl(value)) throw new Error(`URL parse error: ${value}`);
        return new Url(new URL(value, 'path://'));
      },
      'Url.getScheme(): string': ({ url }: Url) => (url.protocol === 'path:' ? '' : url.protocol.slice(0, -1)),
      'Url.getHost(): string': ({ url }: Url) => url.host,
      'Url.getHostname(): string': ({ url }: Url) => url.hostname.replace(/^\[|\]$/g, ''),
      'Url.getPort(): string': ({ url }: Url) => url.port,
      'Url.getEscapedPath(): string': ({ url }: Url) => url.pathname,
      'Url.getQuery(): map<string, list<string>>': ({ url }: Url) =>
        new Map([...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key)])),
    },
  },
  {
    since: 29,
    functions: {
      'isQuantity(string): bool': (value: string) => Quantity.parse(value) !== undefined,
      'quantity(string): Quantity': (value: string) => orFail(Quantity.parse(value), `not a quantity: ${value}`),
      'sign(Quantity): int': ({ nano }: Quantity) => BigInt(Number(nano > 0n) - Number(nano < 0n)),
      'Quantity.isInteger(): bool': (quantity: Quantity) => quantity.isInteger(),
      'Quantity.asInteger(): int': (quantity: Quantity) =>
        quantity.isInteger() ? quantity.nano / 1_000_000_000n : fail('not an integer'),
      'Quantity.asApproximateFloat(): double': ({ nano }: Quantity) => Number(nano) / 1e9,
      'Quantity.add(Quantity): Quantity': (one: Quantity, other: Quantity) => new Quantity(one.nano + other.nano),
      'Quantity.sub(Quantity): Quantity': (one: Quantity, other: Quantity) => new Quantity(one.nano - other.nano),
      'Quantity.isGreaterThan(Quantity): bool': (one: Quantity, other: Quantity) => one.nano > other.nano,
      'Quantity.isLessThan(Quantity): bool': (one: Quantity, other: Quantity) => one.nano < other.nano,
      'Quantity.compareTo(Quantity): int': (one: Quantity, other: Quantity) =>
        BigInt(Number(one.nano > other.nano) - Number(one.nano < other.nano)),
    },
  },
  {
    since: 31,
    functions: {
      'isIP(string): bool': isAddress,
      'ip(string): Ip': (value: string) => (isAddress(value) ? new Ip(value) : fail(`not an IP address: ${value}`)),
      'Ip.family(): int': ({ address }: Ip) => BigInt(isIP(address)),
      'isCIDR(string): bool': isNetwork,
      'cidr(string): Cidr': (value: string) => (isNetwork(value) ? cidrOf(value) : fail(`not a CIDR: ${value}`)),
      'Cidr.ip(): Ip': ({ address }: Cidr) => new Ip(address),
      'Cidr.prefixLength(): int': ({ bits }: Cidr) => BigInt(bits),
      'Cidr.containsIP(string): bool': (network: Cidr, value: string) =>
        contains(network, isAddress(value) ? value : fail(`not an IP address: ${value}`)),
      'Cidr.containsIP(Ip): bool': (network: Cidr, { address }: Ip) => contains(network, address),
      'Cidr.containsCIDR(string): bool': (network: Cidr, value: string) => {
        const inner = isNetwork(value) ? cidrOf(value) : fail(`not a CIDR: ${value}`);
        return inner.bits >= network.bits && contains(network, inner.address);
      },
    },
  },
  {
    since: 32,
    functions: {
      ...Object.fromEntries(
        Object.entries(namedFormats()).map(([name, errorsOf]) => [
          `Formats.${name}(): Format`,
          () => new Format(errorsOf),
        ]),
      ),
      'Format.validate(string): optional<list<string>>': ({ errorsOf }: Format, value: string) => {
        const errors = errorsOf(value);
        return errors.length === 0 ? Optional.none() : Optional.of(errors);
      },
    },
  },
];

/** Adds what Kubernetes `1.<minor>` knows to an environment. */
export function registerKubernetes(environment: Environment, minor: number): void {
  for (const [name, type] of Object.entries(types)) environment.registerType(name, type);
  for (const { since, functions } of libraries) {
    if (minor < since) continue;
    if (since === 32) environment.registerConstant('format', 'Formats', new Formats());
    for (const [signature, handler] of Object.entries(functions)) environment.registerFunction(signature, handler);
  }
  environment.registerFunction('hasField(ast): bool', hasField);
}

/** The functions that the engine brings and Kubernetes does not have; a rule that uses one is no rule there. */
export const engineOnly: readonly RegExp[] = [/\bcel\.bind\b/, /\.(json|hex|base64|at|getDate)\s*\(/];

function findAll(value: string, pattern: string): string[] {
  const { source, flags } = re2(pattern);
  return [...value.matchAll(new RegExp(source, `${flags}g`))].map(([found]) => found);
}

function extreme<T>(list: readonly T[], isBetter: (one: T, other: T) => boolean): T {
  if (list.length === 0) throw new Error('min or max called on an empty list');
  return list.reduce((best, each) => (isBetter(each, best) ? each : best));
}

function isSorted<T>(list: readonly T[]): boolean {
  return list.every((each, index) => index === 0 || (list[index - 1] as T) <= each);
}

/** Neither zones nor IPv4 mapped into IPv6. */
function isAddress(value: string): boolean {
  return isIP(value) !== 0 && !value.includes('%') && !/^::ffff:\d+\./i.test(value);
}

function isNetwork(value: string): boolean {
  return isCidr(value) && isAddress(value.split('/')[0] ?? '');
}

function cidrOf(value: string): Cidr {
  const [address = '', bits = ''] = value.split('/');
  return new Cidr(address, Number(bits));
}

function contains({ address, bits }: Cidr, other: string): boolean {
  const width = isIP(address) === 4 ? 32n : 128n;
  if (isIP(address) !== isIP(other)) return false;
  const shift = width - BigInt(bits);
  return numberOf(address) >> shift === numberOf(other) >> shift;
}

function numberOf(address: string): bigint {
  if (isIP(address) === 4) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [head = '', tail] = canonical(address).split('::');
  const groups = (half: string) => (half === '' ? [] : half.split(':'));
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail ?? '')];
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

function canonical(address: string): string {
  return isIP(address) === 4 ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
function namedFormats(): { readonly [name: string]: (value: string) => readonly string[] } {
  const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
  const shape = (name: string, pattern: string, most: number) => (value: string) => {
    if (value.length > most) return [`must be no more than ${most} characters`];
    return new RegExp(`^${pattern}$`).test(value) ? [] : [`not a ${name}`];
  };
  const format = (name: string) => (value: string) => (formats[name]?.(value) ? [] : [`not a ${name}`]);
  const subdomain = shape('DNS-1123 subdomain', `${label}(\\.${label})*`, 253);
  return {
    dns1123Label: shape('DNS-1123 label', label, 63),
    dns1123Subdomain: subdomain,
    dns1035Label: shape('DNS-1035 label', '[a-z]([-a-z0-9]*[a-z0-9])?', 63),
    labelValue: shape('label value', '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?', 63),
    qualifiedName: (value) => {
      const parts = value.split('/');
      const name = shape('qualified name', '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]', 63)(parts.at(-1) ?? '');
      if (parts.length > 2) return ['a qualified name has at most one slash'];
      return parts.length === 2 ? [...subdomain(parts[0] ?? ''), ...name] : name;
    },
    uri: format('uri'),
    uuid: format('uuid'),
    byte: format('byte'),
    date: format('date'),
    datetime: format('date-time'),
  };
}

/** The parts of the engine that its macros are given; it declares no types for them. */
interface Node {
  readonly op: string;
  readonly args: readonly [Node, string];
}
interface Macro {
  readonly args: readonly [Node];
  readonly ast: unknown;
}
interface Checker {
  check(node: Node, context: unknown): unknown;
  getType(name: string): unknown;
  createError(code: string, message: string, node: unknown): Error;
}
interface Evaluator {
  run(node: Node, context: unknown): unknown;
}

/** `has(e.f)`: whether the value of e has its field f; the schema of e must have one. */
function hasField({ args, ast }: Macro) {
  const [selection] = args;
  return {
    args,
    async: false,
    typeCheck(checker: Checker, _: Macro, context: unknown) {
      if (selection.op !== '.')
        throw checker.createError('invalid_macro_argument', 'has() takes a field, as in has(self.name)', ast);
      checker.check(selection, context);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _: Macro, context: unknown) {
      const [object, field] = selection.args;
      const value = evaluator.run(object, context);
      return value instanceof Map ? value.has(field) : Object.hasOwn(value as object, field);
    },
  };
}

function orFail<T>(value: T | undefined, message: string): T {
  return value === undefined ? fail(message) : value;
}

function fail(message: string): never {
  throw new Error(message);
}
