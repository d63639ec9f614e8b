import { randomBytes } from 'node:crypto';
import { type Issuer, makeRoot, type OpenIssuer, openIssuer } from '../../../proxy/identity/issuer';
import type { Log } from '../../../proxy/log';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
export const year = 365 * day;

export const trustDomain = 'shop.example';

/** A log that is read by the test. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const at =
    (level: string): Log['info'] =>
    (message, fields) =>
      lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function newRoot(now: number, lifetime: number = 10 * year): Issuer {
  return makeRoot({ trustDomain, lifetime, now, random: randomBytes });
}

export function opened(issuer: Issuer): OpenIssuer {
  const open = openIssuer(issuer);
  if (open === undefined) throw new Error('it has no key');
  return open;
}
