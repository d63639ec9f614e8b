import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTokens, Refusal } from '../../../proxy/identity';
import { VirtualClock } from '../../support/clock';
import { hour, minute, second } from './support';

const start = '2026-11-25T12:00:00.250Z';
const request = {
  pod: { namespace: 'storefront', name: 'web-0' },
  identity: { namespace: 'storefront', serviceAccount: 'web' },
  ttl: hour,
};

const partsOf = (token: string) => token.split('.');
const decoded = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
const encoded = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** What is said of a token, or `accepted`. */
async function verdictOf(tokens: ReturnType<typeof localTokens>, token: string): Promise<string> {
  try {
    await tokens.authenticate(token);
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return (error as Refusal).message;
  }
}

describe('a token of this machine', () => {
  it('proves of which pod and service account its bearer is', async () => {
    const tokens = localTokens(new VirtualClock(start));
    expect(await tokens.authenticate(tokens.issue(request))).toEqual({
      pod: { namespace: 'storefront', name: 'web-0' },
      identity: { namespace: 'storefront', serviceAccount: 'web' },
      expires: Date.parse('2026-11-25T13:00:00Z'),
    });
  });

  it('is of the form of a projected service account token', () => {
    const [header, claims] = partsOf(localTokens(new VirtualClock(start)).issue(request));
    expect(decoded(header)).toEqual({ alg: 'ES256', kid: expect.stringMatching(/^[\w-]{43}$/), typ: 'JWT' });
    const issuedAt = Date.parse('2026-11-25T12:00:00Z') / 1_000;
    expect(decoded(claims)).toEqual({
      aud: ['meshwright'],
      exp: issuedAt + 3_600,
      iat: issuedAt,
      iss: 'https://local.meshwright.dev',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'kubernetes.io': { namespace: 'storefront', pod: { name: 'web-0' }, serviceaccount: { name: 'web' } },
      nbf: issuedAt,
      sub: 'system:serviceaccount:storefront:web',
    });
  });

  it('is accepted from its first second until its last, and not beyond', async () => {
    const clock = new VirtualClock(start);
    const tokens = localTokens(clock);
    const token = tokens.issue(request);
    const at = (time: string) => {
      clock.set(Date.parse(time));
      return verdictOf(tokens, token);
    };
    expect(await at('2026-11-25T12:00:00Z')).toBe('accepted');
    expect(await at('2026-11-25T12:59:59.999Z')).toBe('accepted');
    expect(await at('2026-11-25T13:00:00Z')).toBe('the token has ended at 2026-11-25T13:00:00.000Z');
    expect(await at('2026-11-25T11:59:59.999Z')).toBe('the token is not valid before 2026-11-25T12:00:00.000Z');
  });

  it('of another process is not accepted', async () => {
    const clock = new VirtualClock(start);
    const [one, other] = [localTokens(clock), localTokens(clock)];
    expect(await verdictOf(one, other.issue(request))).toBe('the token is signed by a key that is not known');
  });

  it('is not issued for a pod of another namespace than its service account', () => {
    const pod = { namespace: 'other', name: 'web-0' };
    expect(() => localTokens(new VirtualClock(start)).issue({ ...request, pod })).toThrow(
      'pod other/web-0 cannot run as one of storefront',
    );
  });
});

describe('what is no token', () => {
  const clock = new VirtualClock(start);
  const tokens = localTokens(clock);
  const token = tokens.issue(request);
  const [header = '', claims = '', signature = ''] = partsOf(token);
  const withHeader = (change: object) => `${encoded({ ...decoded(header), ...change })}.${claims}.${signature}`;
  const said = (text: string) => verdictOf(tokens, text);

  it('is refused for its form', async () => {
    const notThree = 'the token is no signed JWT: it has not three parts';
    for (const text of ['', 'token', `${header}.${claims}`, `${token}.`, `Bearer ${header}`])
      expect(await said(text)).toBe(notThree);
    expect(await said('a'.repeat(8_193))).toBe('the token is longer than 8192 characters');
    expect(await said(`${header}=.${claims}.${signature}`)).toBe('a part of the token is not base64url: header');
    expect(await said(`.${claims}.${signature}`)).toBe('a part of the token is not JSON: header');
    expect(await said(`${encoded('{')}.${claims}.${signature}`)).toBe('a part of the token is not JSON: header');
    expect(await said(`${encoded('[]')}.${claims}.${signature}`)).toBe(
      'a part of the token, header, is no JSON object',
    );
    expect(await said(`${encoded('null')}.${claims}.${signature}`)).toBe(
      'a part of the token, header, is no JSON object',
    );
    expect(await said(`${header}.${claims}.${signature}+`)).toBe('a part of the token is not base64url: signature');
  });

  it('is refused for its algorithm, whatever key there is', async () => {
    for (const alg of ['none', 'None', '', 'HS256', 'RS256', 'es256', undefined, null, ['ES256']]) {
      expect(await said(withHeader({ alg }))).toBe('the token is not signed with ES256');
    }
    expect(await said(`${encoded({ alg: 'none' })}.${claims}.`)).toBe('the token is not signed with ES256');
    expect(await said(withHeader({ crit: ['exp'] }))).toBe('the token demands extensions that are not known');
    for (const kid of ['other', '__proto__', 1, null, undefined]) {
      expect(await said(withHeader({ kid }))).toBe('the token is signed by a key that is not known');
    }
  });

  it('is refused for its signature', async () => {
    const wrong = 'the signature of the token is not of its content';
    const otherClaims = encoded({ ...decoded(claims), sub: 'system:serviceaccount:storefront:admin' });
    expect(await said(`${header}.${otherClaims}.${signature}`)).toBe(wrong);
    expect(await said(`${header}.${claims}.`)).toBe(wrong);
    expect(await said(`${header}.${claims}.${encoded('short')}`)).toBe(wrong);
    // The zeros that broken verifiers of ECDSA take for any content: CVE-2022-21449.
    expect(await said(`${header}.${claims}.${Buffer.alloc(64).toString('base64url')}`)).toBe(wrong);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const bySomebody = sign('sha256', Buffer.from(`${header}.${claims}`), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    expect(await said(`${header}.${claims}.${bySomebody.toString('base64url')}`)).toBe(wrong);
    expect(await said(withHeader({ typ: 'at+jwt' }))).toBe(wrong);
  });

  it('is refused and nothing else, whatever it is', async () => {
    const part = fc.oneof(fc.string(), fc.json().map(encoded), fc.constantFrom(header, claims, signature, ''));
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(any, async (text) => {
        const said = await verdictOf(tokens, text);
        expect(said === 'accepted').toBe(text === token);
        // Safe to log: nothing of what was shown is in it.
        if (text.length > 20) expect(said).not.toContain(text);
      }),
      { numRuns: 500 },
    );
  });

  it('is one with a bit changed anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: token.length - 1 }), fc.constantFrom(...'ABab01-_.='), async (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        expect(await verdictOf(tokens, changed)).toEqual(
          changed === token ? 'accepted' : expect.stringMatching(/token/),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('claims that another program could sign with a right key', () => {
  // The key never leaves, so the claims are changed on their way into the signature.
  const signedWith = (change: (claims: Record<string, unknown>) => unknown) => {
    const clock = new VirtualClock(start);
    const stringify = JSON.stringify;
    const tokens = localTokens(clock);
    JSON.stringify = ((value: Record<string, unknown>) =>
      stringify('sub' in value ? change({ ...value }) : value)) as typeof stringify;
    try {
      return verdictOf(tokens, tokens.issue(request));
    } finally {
      JSON.stringify = stringify;
    }
  };

  it('are refused where they are meant for others, by others, or for no time', async () => {
    expect(await signedWith((claims) => claims)).toBe('accepted');
    expect(await signedWith((claims) => ({ ...claims, aud: 'meshwright' }))).toBe('accepted');
    for (const aud of ['vault', ['vault'], undefined, { meshwright: true }, 'meshwright2', []]) {
      expect(await signedWith((claims) => ({ ...claims, aud }))).toBe('the token is not meant for meshwright');
    }
    expect(await signedWith((claims) => ({ ...claims, iss: 'https://kubernetes.default.svc' }))).toBe(
      'the token is of another issuer',
    );
    for (const claim of ['exp', 'nbf', 'iat']) {
      for (const value of [undefined, '1800000000', 1.5, -1, null, 1e300]) {
        expect(await signedWith((claims) => ({ ...claims, [claim]: value }))).toBe(
          'the token does not say when it is valid',
        );
      }
    }
  });

  it('are refused where they do not say who it is, or two things', async () => {
    expect(await signedWith((claims) => ({ ...claims, sub: 'system:serviceaccount:storefront:admin' }))).toBe(
      'the token says two things about whom it is of',
    );
    expect(await signedWith((claims) => ({ ...claims, 'kubernetes.io': undefined }))).toBe(
      'the claim kubernetes.io is no JSON object',
    );
    const inside = (change: object) =>
      signedWith((claims) => ({ ...claims, 'kubernetes.io': { ...(claims['kubernetes.io'] as object), ...change } }));
    expect(await inside({ pod: undefined })).toBe('the claim kubernetes.io.pod is no JSON object');
    expect(await inside({ serviceaccount: [] })).toBe('the claim kubernetes.io.serviceaccount is no JSON object');
    expect(await inside({ namespace: 1 })).toBe('the token does not say of which pod and service account it is');
  });
});

describe('a service account whose name has every legal form', () => {
  it('is proved as it is', async () => {
    const tokens = localTokens(new VirtualClock(start));
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
    await fc.assert(
      fc.asyncProperty(label, name, name, async (namespace, pod, serviceAccount) => {
        const token = tokens.issue({
          pod: { namespace, name: pod },
          identity: { namespace, serviceAccount },
          ttl: minute + second,
        });
        expect(await tokens.authenticate(token)).toMatchObject({
          pod: { namespace, name: pod },
          identity: { namespace, serviceAccount },
        });
      }),
    );
  });
});
