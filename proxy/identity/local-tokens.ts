import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { type Identity, names, Ref } from '../../lib/model';
import type { Clock } from '../clock';
import { type Authenticated, type Authenticator, Refusal } from './authenticator';

/**
 * Tokens of a machine that has no Kubernetes to issue any: of the form of a projected service account token, signed by a key that is made
 * at the start and never leaves the process. https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
 */
export interface LocalTokens extends Authenticator {
  /** A token by which a proxy proves that it runs in this pod, as this service account. */
  issue(request: TokenRequest): string;
}

export interface TokenRequest {
  readonly pod: Ref;
  readonly identity: Identity;
  /** How long it is accepted, in milliseconds; whole seconds are. */
  readonly ttl: number;
}

export function localTokens(clock: Clock): LocalTokens {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return {
    issue: (request) => {
      const content = `${encoded({ alg: 'ES256', kid, typ: 'JWT' })}.${encoded(claimsOf(request, clock.now()))}`;
      const signature = sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${content}.${signature.toString('base64url')}`;
    },
    // Nothing of what is wrong is thrown in passing: it is the promise that fails.
    authenticate: async (token) => proven(verified(token, new Map([[kid, publicKey]])), clock.now()),
  };
}

const issuer = 'https://local.meshwright.dev';
const audience = names.objects.audience;

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function claimsOf({ pod, identity, ttl }: TokenRequest, now: number): object {
  const { namespace, serviceAccount } = identity;
  if (pod.namespace !== namespace) throw new RangeError(`pod ${Ref.key(pod)} cannot run as one of ${namespace}`);
  const issuedAt = Math.floor(now / 1_000);
  return {
    aud: [audience],
    exp: issuedAt + Math.floor(ttl / 1_000),
    iat: issuedAt,
    iss: issuer,
    jti: randomUUID(),
    'kubernetes.io': { namespace, pod: { name: pod.name }, serviceaccount: { name: serviceAccount } },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
  };
}

/**
 * The claims of a token, if one of the keys has signed them. Nothing of it is believed before, but for which key that would be; above all
 * not by which algorithm. https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
function verified(token: string, keys: ReadonlyMap<string, KeyObject>): Claims {
  if (token.length > longestToken) throw new Refusal(`the token is longer than ${longestToken} characters`);
  const parts = token.split('.');
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) {
    throw new Refusal('the token is no signed JWT: it has not three parts');
  }
  const { alg, kid, crit } = jsonOf(header, 'header');
  if (alg !== 'ES256') throw new Refusal('the token is not signed with ES256');
  if (crit !== undefined) throw new Refusal('the token demands extensions that are not known');
  const key = typeof kid === 'string' ? keys.get(kid) : undefined;
  if (key === undefined) throw new Refusal('the token is signed by a key that is not known');
  const signed = Buffer.from(`${header}.${claims}`);
  if (!verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytesOf(signature, 'signature'))) {
    throw new Refusal('the signature of the token is not of its content');
  }
  return jsonOf(claims, 'claims');
}

/** A token of Kubernetes has about 1,200. */
const longestToken = 8_192;

type Claims = { readonly [claim: string]: unknown };

function jsonOf(part: string, what: string): Claims {
  const text = bytesOf(part, what).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(`a part of the token is not JSON: ${what}`);
  }
  return record(value, `a part of the token, ${what},`);
}

/** Base64url in the one form that it has: no padding, no other characters, no bits left over. */
function bytesOf(part: string, what: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new Refusal(`a part of the token is not base64url: ${what}`);
  return bytes;
}

/** What a token that was verified proves now. */
function proven(claims: Claims, now: number): Authenticated {
  const seconds = now / 1_000;
  const { aud, exp, nbf, iat, iss, sub } = claims;
  if (iss !== issuer) throw new Refusal('the token is of another issuer');
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience))
    throw new Refusal(`the token is not meant for ${audience}`);
  if (!isTime(exp) || !isTime(nbf) || !isTime(iat)) throw new Refusal('the token does not say when it is valid');
  if (seconds >= exp) throw new Refusal(`the token has ended at ${iso(exp)}`);
  if (seconds < nbf || seconds < iat) throw new Refusal(`the token is not valid before ${iso(Math.max(nbf, iat))}`);

  const { namespace, pod, serviceaccount } = record(claims['kubernetes.io'], 'the claim kubernetes.io');
  const { name } = record(pod, 'the claim kubernetes.io.pod');
  const { name: serviceAccount } = record(serviceaccount, 'the claim kubernetes.io.serviceaccount');
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof serviceAccount !== 'string') {
    throw new Refusal('the token does not say of which pod and service account it is');
  }
  if (sub !== `system:serviceaccount:${namespace}:${serviceAccount}`) {
    throw new Refusal('the token says two things about whom it is of');
  }
  return { pod: { namespace, name }, identity: { namespace, serviceAccount }, expires: exp * 1_000 };
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 8_640_000_000_000;
}

function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

function record(value: unknown, what: string): Claims {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(`${what} is no JSON object`);
  return value as Claims;
}
