import type { Cors } from '../../model';
import { host, token } from '../form';
import { ruleSites } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

/** https://fetch.spec.whatwg.org/#http-cors-protocol */
export const cors: Rule = {
  code: 'MESH0428',
  level: 'error',
  summary: 'what CORS allows is something that a browser understands',
  check: ({ model }) =>
    ruleSites(model).flatMap(({ at, label, rule }) => {
      if (!rule.cors) return [];
      return [
        ...rangeFindings(at, [[`${label}cors.maxAge`, rule.cors.maxAge, Range.duration(0)]]),
        ...problems(rule.cors).map(([message, fix]) => ({ at, message: `${label}${message}`, fix })),
      ];
    }),
};

function problems(given: Cors): readonly (readonly [message: string, fix: string])[] {
  const found: (readonly [string, string])[] = [];
  if (given.allowOrigins.length === 0)
    found.push(['cors.allowOrigins is empty, so no page may use the answers', 'name the origins']);
  for (const origin of given.allowOrigins.filter((one) => !isOrigin(one))) {
    found.push([
      `cors.allowOrigins holds ${JSON.stringify(origin)}, which is no origin`,
      "write scheme and host, such as 'https://shop.example' or 'https://*.shop.example', or '*'",
    ]);
  }
  if (given.allowCredentials && given.allowOrigins.includes('*')) {
    found.push([
      "cors.allowCredentials is true and cors.allowOrigins holds '*', which browsers refuse together",
      'name the origins that may send credentials',
    ]);
  }
  const lists = {
    allowMethods: given.allowMethods,
    allowHeaders: given.allowHeaders,
    exposeHeaders: given.exposeHeaders,
  };
  for (const [property, names] of Object.entries(lists)) {
    for (const name of names) {
      const refusal = token(name);
      if (refusal !== undefined)
        found.push([`cors.${property} holds ${JSON.stringify(name)}: ${refusal}`, 'write a legal name']);
    }
  }
  return found;
}

function isOrigin(text: string): boolean {
  if (text === '*') return true;
  const parts = /^https?:\/\/([^/?#:]+)(:\d{1,5})?$/.exec(text);
  return parts !== null && (host(parts[1] ?? '', 'wildcard') === undefined || /^[\d.]+$/.test(parts[1] ?? ''));
}
