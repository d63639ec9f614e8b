/**
 * What a share of requests may come out as. A split is a coin that is tossed for each request: of `total` tosses the number
 * that falls on one side is binomial, and this is the interval that it leaves once in a million times or less.
 */
export function plausibleCounts(total: number, percent: number): { readonly least: number; readonly most: number } {
  const p = percent / 100;
  let least = 0;
  for (let below = 0; least <= total; least++) {
    below += probability(total, least, p);
    if (below > tail) break;
  }
  let most = total;
  for (let above = 0; most >= 0; most--) {
    above += probability(total, most, p);
    if (above > tail) break;
  }
  return { least, most };
}

/** Of either side: together one in a million. */
const tail = 5e-7;

function probability(total: number, count: number, p: number): number {
  if (p === 0) return count === 0 ? 1 : 0;
  if (p === 1) return count === total ? 1 : 0;
  return Math.exp(logChoose(total, count) + count * Math.log(p) + (total - count) * Math.log1p(-p));
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

const logFactorials = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push((logFactorials[i - 1] ?? 0) + Math.log(i));
  return logFactorials[n] ?? 0;
}
