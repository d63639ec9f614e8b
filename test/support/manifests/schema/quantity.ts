/**
 * An amount of CPU, memory or anything else, as Kubernetes writes it: `500m`, `1.5Gi`, `1e3`.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export class Quantity {
  /** In billionths, the smallest part that is kept. */
  constructor(readonly nano: bigint) {}

  /** Undefined when it is none. */
  static parse(written: string): Quantity | undefined {
    const match = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(written);
    if (!match) return undefined;
    const [, sign = '', digits = '', suffix = ''] = match;
    const [whole = '', fraction = ''] = digits.split('.');
    const scale = scaleOf(suffix);
    // Rounded up, as Kubernetes does with what is smaller than a billionth.
    const numerator = BigInt(`${whole}${fraction}` || '0') * scale.numerator * 1_000_000_000n;
    const denominator = 10n ** BigInt(fraction.length) * scale.denominator;
    const nano = (numerator + denominator - 1n) / denominator;
    return new Quantity(sign === '-' ? -nano : nano);
  }

  isInteger(): boolean {
    return this.nano % 1_000_000_000n === 0n;
  }
}

function scaleOf(suffix: string): { readonly numerator: bigint; readonly denominator: bigint } {
  const exponent = /^[eE]([+-]?\d+)$/.exec(suffix)?.[1];
  const power = exponent === undefined ? undefined : Number(exponent);
  if (power !== undefined)
    return power < 0
      ? { numerator: 1n, denominator: 10n ** BigInt(-power) }
      : { numerator: 10n ** BigInt(power), denominator: 1n };
  if (suffix.endsWith('i'))
    return { numerator: 1024n ** BigInt('KMGTPE'.indexOf(suffix.charAt(0)) + 1), denominator: 1n };
  const small = 'mun'.indexOf(suffix);
  if (suffix !== '' && small >= 0) return { numerator: 1n, denominator: 1000n ** BigInt(small + 1) };
  const large = suffix === '' ? 0 : 'kMGTPE'.indexOf(suffix) + 1;
  return { numerator: 1000n ** BigInt(large), denominator: 1n };
}
