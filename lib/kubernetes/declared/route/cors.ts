import type { Cors } from '../../../model';
import { flag, type Json, list, type Reader, text } from '../shape';

/** Cross-origin rules in an HTTPRoute's own words; none where they cannot say them. */
export function corsJson(cors: Cors): Json | undefined {
  if (!canSay(cors)) return undefined;
  return {
    ...(cors.allowOrigins.length > 0 ? { allowOrigins: cors.allowOrigins } : {}),
    ...(cors.allowMethods.length > 0 ? { allowMethods: cors.allowMethods } : {}),
    ...(cors.allowHeaders.length > 0 ? { allowHeaders: cors.allowHeaders } : {}),
    ...(cors.exposeHeaders.length > 0 ? { exposeHeaders: cors.exposeHeaders } : {}),
    ...(cors.allowCredentials ? { allowCredentials: true } : {}),
    maxAge: cors.maxAge / second,
  };
}

export function corsOf(json: Json, reader: Reader): Cors {
  const given = reader.fields(json);
  reader.only(given, ['allowOrigins', 'allowMethods', 'allowHeaders', 'exposeHeaders', 'allowCredentials', 'maxAge']);
  const words = (key: string) =>
    list(text({ maxLength: 256 }), { maxItems: 64 }).decode(given[key] ?? [], reader.at(key));
  const { allowCredentials = false, maxAge = defaultMaxAge } = given;
  return {
    allowOrigins: words('allowOrigins'),
    allowMethods: words('allowMethods'),
    allowHeaders: words('allowHeaders'),
    exposeHeaders: words('exposeHeaders'),
    allowCredentials: flag.decode(allowCredentials, reader.at('allowCredentials')),
    maxAge: reader.at('maxAge').number(maxAge) * second,
  };
}

const second = 1_000;
/** Gateway API's, in seconds. */
const defaultMaxAge = 5;

const origin = /^(\*|https?:\/\/(((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:[0-9]{1,5})?))$/;
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '*'];
const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;

/** The limits of the CRD: whole seconds, known methods, sets, and `*` by itself. */
function canSay(cors: Cors): boolean {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAge } = cors;
  return (
    Number.isInteger(maxAge / second) &&
    maxAge >= second &&
    maxAge / second <= 2_147_483_647 &&
    allowOrigins.every((one) => origin.test(one)) &&
    allowMethods.every((one) => methods.includes(one)) &&
    [...allowHeaders, ...exposeHeaders].every((one) => token.test(one)) &&
    [allowOrigins, allowMethods, allowHeaders].every((words) => !words.includes('*') || words.length === 1) &&
    [allowOrigins, allowMethods, allowHeaders, exposeHeaders].every((words) => new Set(words).size === words.length)
  );
}
