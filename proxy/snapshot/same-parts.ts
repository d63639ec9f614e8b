import { isDeepStrictEqual } from 'node:util';
import type { Model } from '../../lib/model';

/** Whether two models say the same. Parts that are the same objects are not looked into. */
export function sameParts(one: Model, other: Model): boolean {
  const kinds = Object.keys(one) as readonly (keyof Model)[];
  return kinds.every((kind) => {
    const [a, b] = [one[kind], other[kind]] as const;
    if (!isList(a) || !isList(b)) return isSame(a, b);
    return a.length === b.length && a.every((part, index) => isSame(part, b[index]));
  });
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || isDeepStrictEqual(one, other);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
