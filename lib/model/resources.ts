/** What a container asks for and may use, in Kubernetes' quantities (`100m`, `64Mi`). */
export interface Resources {
  readonly requests?: { readonly cpu?: string; readonly memory?: string };
  readonly limits?: { readonly cpu?: string; readonly memory?: string };
}

const units: { readonly [unit: string]: number } = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of a quantity of memory; `undefined` where the text is none (or is known only at deployment). */
export function memoryBytes(quantity: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(quantity);
  if (!match) return undefined;
  return Math.floor(Number(match[1]) * (units[match[2] ?? ''] ?? 1));
}
