import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccessPolicy, AccessRule, ExternalAuthorization, JwtIssuer, Model } from '../../lib/model';
import {
  accessPolicy,
  accessRule,
  edge,
  externalService,
  httpMatch,
  model,
  port,
  prefix,
  ref,
  service,
  workload,
} from '../support/model-builder';
import { authorizationServer, type Check, type Verdict } from './harness/envoy-services';
import { httpBackend } from './harness/http-backend';
import type { Request } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { freePort } from './harness/ports';
import { tokenIssuer } from './harness/tokens';

/** Who the user is: tokens that the proxy of the callee verifies, and a service that it asks. */

const web = workload('web');
const catalog = service('catalog');
const keys = service('keys');
const authz = service('authz', { ports: [port('grpc')] });
const authzHttp = service('authz-http');

const issuer = tokenIssuer('https://login.example');
const forger = tokenIssuer('https://login.example');
const partner = tokenIssuer('https://partner.example');

function jwt(over: Partial<JwtIssuer> = {}): JwtIssuer {
  return {
    issuer: issuer.issuer,
    audiences: ['shop'],
    keys: { kind: 'inline', jwks: issuer.jwks },
    forward: [],
    ...over,
  };
}

function mesh(policy: Partial<AccessPolicy>, parts: Partial<Model> = {}): Model {
  return model({
    services: [catalog, keys, authz, authzHttp],
    workloads: [web],
    edges: [edge(web, catalog)],
    accessPolicies: [accessPolicy(catalog, policy)],
    ...parts,
  });
}

const checks: Check[] = [];
let verdict: (check: Check) => Verdict = () => ({ status: 200 });

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh({}), {
    applications: {
      authz: (options) =>
        authorizationServer(options.port, (check) => {
          checks.push(check);
          return verdict(check);
        }),
    },
  });
});
afterAll(() => running?.stop());
beforeEach(() => {
  running.reset();
  checks.splice(0);
});

async function asked(token: string | undefined, request: Request = {}) {
  const authorization: Request['headers'] = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return running.call('web', 'catalog', { ...request, headers: { ...authorization, ...request.headers } });
}

const status = async (token: string | undefined, request: Request = {}) => (await asked(token, request)).status;
const past = () => Math.floor(Date.now() / 1_000) - 3_600;

describe('a token', () => {
  it('that is good is accepted, and none is needed where no rule asks for one', async () => {
    await running.apply(mesh({ jwt: [jwt()] }));
    expect(await status(issuer.token({ aud: 'shop' }))).toBe(200);
    expect(await status(issuer.token({ aud: ['other', 'shop'] }))).toBe(200);
    expect(await status(undefined)).toBe(200);
  });

  it('that is not valid is refused with 401: expired, of another audience, by another key, of another issuer, broken', async () => {
    await running.apply(mesh({ jwt: [jwt()] }));
    expect(await status(issuer.token({ aud: 'shop', exp: past() }))).toBe(401);
    expect(await status(issuer.token({ aud: 'shop', nbf: Math.floor(Date.now() / 1_000) + 3_600 }))).toBe(401);
    expect([401, 403]).toContain(await status(issuer.token({ aud: 'other' })));
    expect([401, 403]).toContain(await status(issuer.token({})));
    expect(await status(forger.token({ aud: 'shop' }))).toBe(401);
    expect(await status(partner.token({ aud: 'shop' }))).toBe(401);
    expect(await status('no.token.atall')).toBe(401);
    const good = issuer.token({ aud: 'shop' });
    expect(await status(`${good.slice(0, -4)}AAAA`)).toBe(401);
    const [, claims = '', signature = ''] = good.split('.');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    expect(await status(`${unsigned}.${claims}.${signature}`)).toBe(401);
    expect(await status(`${unsigned}.${claims}.`)).toBe(401);
    expect(running.backend('catalog').received).toEqual([]);
  });

  it('of each of several issuers is accepted', async () => {
    const other = jwt({ issuer: partner.issuer, keys: { kind: 'inline', jwks: partner.jwks }, audiences: [] });
    await running.apply(mesh({ jwt: [jwt(), other] }));
    expect(await status(issuer.token({ aud: 'shop' }))).toBe(200);
    expect(await status(partner.token())).toBe(200);
    expect(await status(forger.token({ aud: 'shop' }))).toBe(401);
  });

  it('is found in another header, or in a query parameter', async () => {
    await running.apply(mesh({ jwt: [jwt({ from: { kind: 'header', name: 'x-token' } })] }));
    expect(await status(undefined, { headers: { 'x-token': issuer.token({ aud: 'shop' }) } })).toBe(200);
    expect(await status(undefined, { headers: { 'x-token': forger.token({ aud: 'shop' }) } })).toBe(401);
    await running.apply(mesh({ jwt: [jwt({ from: { kind: 'query', name: 'token' } })] }));
    expect(await status(undefined, { path: `/?token=${issuer.token({ aud: 'shop' })}` })).toBe(200);
    expect(await status(undefined, { path: `/?token=${forger.token({ aud: 'shop' })}` })).toBe(401);
  });

  it('hands claims on to the application, and nobody else can', async () => {
    const forward = [
      { claim: 'sub', header: 'x-user' },
      { claim: 'shop.team', header: 'x-team' },
    ];
    await running.apply(mesh({ jwt: [jwt({ forward })] }));
    const { received } = await asked(issuer.token({ aud: 'shop', shop: { team: 'blue' } }));
    expect(received?.headers).toMatchObject({ 'x-user': 'ann', 'x-team': 'blue' });
    const forged = { 'x-user': 'root', 'x-team': 'red' };
    const replaced = await asked(issuer.token({ aud: 'shop', shop: { team: 'blue' } }), { headers: forged });
    expect(replaced.received?.headers).toMatchObject({ 'x-user': 'ann', 'x-team': 'blue' });
    const without = await asked(undefined, { headers: forged });
    expect(without.status).toBe(200);
    expect(without.received?.headers).not.toHaveProperty('x-user');
    expect(without.received?.headers).not.toHaveProperty('x-team');
  });
});

describe('claims', () => {
  // A deny of what lacks them is how a rule narrows an edge; an allow by claims opens what no edge does.
  const rules = (claims: AccessRule['claims'], over: Partial<AccessRule> = {}) =>
    mesh(
      { jwt: [jwt({ audiences: [] })], rules: [accessRule({ claims, ...over })] },
      { edges: [edge(web, catalog, { only: [{ kind: 'http', ...prefix('/open') }] })] },
    );

  it('must be what the rule says: one of its values, of a list one of them, by dotted path', async () => {
    await running.apply(rules([{ claim: 'role', values: ['admin', 'editor'] }]));
    expect(await status(issuer.token({ role: 'admin' }), { path: '/open' })).toBe(200);
    expect(await status(issuer.token({ role: 'admin' }))).toBe(200);
    expect(await status(issuer.token({ role: 'editor' }))).toBe(200);
    expect(await status(issuer.token({ role: 'reader' }))).toBe(403);
    expect(await status(issuer.token({ role: ['reader', 'editor'] }))).toBe(200);
    expect(await status(issuer.token({ role: ['reader'] }))).toBe(403);
    expect(await status(issuer.token())).toBe(403);
    expect(await status(undefined)).toBe(403);
    await running.apply(rules([{ claim: 'shop.team', values: ['blue'] }]));
    expect(await status(issuer.token({ shop: { team: 'blue' } }))).toBe(200);
    expect(await status(issuer.token({ shop: { team: 'red' } }))).toBe(403);
    expect(await status(issuer.token({ 'shop.team': 'blue' }))).toBe(403);
  });

  it('must all be so, together with whatever else the rule says', async () => {
    const claims = [
      { claim: 'role', values: ['admin'] },
      { claim: 'sub', values: ['ann'] },
    ];
    await running.apply(rules(claims, { requests: [{ kind: 'http', ...httpMatch({ method: 'DELETE' }) }] }));
    const remove: Request = { method: 'DELETE' };
    expect(await status(issuer.token({ role: 'admin' }), remove)).toBe(200);
    expect(await status(issuer.token({ role: 'admin', sub: 'bob' }), remove)).toBe(403);
    expect(await status(issuer.token({ role: 'admin' }))).toBe(403);
  });

  it('deny where a rule says so', async () => {
    const rule = accessRule({ action: 'deny', claims: [{ claim: 'role', values: ['banned'] }] });
    await running.apply(mesh({ jwt: [jwt({ audiences: [] })], rules: [rule] }));
    expect(await status(issuer.token({ role: 'banned' }))).toBe(403);
    expect(await status(issuer.token({ role: 'reader' }))).toBe(200);
    expect(await status(undefined)).toBe(200);
  });
});

describe('keys', () => {
  it('are fetched from a service of the mesh', async () => {
    running.backend('keys').reply({ body: issuer.jwks, headers: { 'content-type': 'application/json' } });
    await running.apply(
      mesh({ jwt: [jwt({ keys: { kind: 'remote', uri: 'http://keys.shop/jwks.json', refresh: 60_000 } })] }),
    );
    expect(await status(issuer.token({ aud: 'shop' }))).toBe(200);
    expect(await status(forger.token({ aud: 'shop' }))).toBe(401);
    expect(running.backend('keys').received[0]?.path).toBe('/jwks.json');
  });

  it('are fetched from a host outside', async () => {
    const outside = await httpBackend({ instance: 'login', service: 'login', port: await freePort() });
    outside.reply({ body: issuer.jwks });
    try {
      const host = externalService('login', {
        host: 'login.example',
        port: outside.options.port,
        protocol: 'http',
        tls: { kind: 'none' },
        addresses: ['127.0.0.1'],
      });
      const remote = jwt({ keys: { kind: 'remote', uri: `http://login.example:${host.port}/jwks.json` } });
      await running.apply(mesh({ jwt: [remote] }, { externalServices: [host] }));
      expect(await status(issuer.token({ aud: 'shop' }))).toBe(200);
      expect(await status(forger.token({ aud: 'shop' }))).toBe(401);
      expect(outside.received[0]).toMatchObject({ path: '/jwks.json', host: `login.example:${host.port}` });
    } finally {
      await outside.close();
    }
  });
});

describe('a service that is asked', () => {
  const external = (over: Partial<ExternalAuthorization> = {}): Partial<AccessPolicy> => ({
    externalAuthorization: {
      service: ref(authz),
      port: 80,
      protocol: 'grpc',
      timeout: 2_000,
      onFailure: 'deny',
      requests: [],
      headers: ['x-user'],
      ...over,
    },
  });

  it('allows, with headers of its own, or denies, with a status and words of its own', async () => {
    await running.apply(mesh(external()));
    verdict = ({ headers }) =>
      headers['x-user'] === 'ann'
        ? { status: 200, headers: { 'x-checked': 'yes' } }
        : { status: 401, body: 'who are you?' };
    const allowed = await running.call('web', 'catalog', {
      path: '/a?b=c',
      headers: { 'x-user': 'ann', 'x-secret': 'x' },
    });
    expect([allowed.status, allowed.received?.headers['x-checked']]).toEqual([200, 'yes']);
    expect(checks[0]).toMatchObject({
      method: 'GET',
      path: '/a?b=c',
      host: 'catalog',
      principal: expect.stringContaining('sa/web'),
    });
    expect(checks[0]?.headers).toMatchObject({ 'x-user': 'ann' });
    expect(checks[0]?.headers).not.toHaveProperty('x-secret');
    const denied = await running.call('web', 'catalog', { headers: { 'x-user': 'bob' } });
    expect([denied.status, denied.text]).toEqual([401, 'who are you?']);
    expect(running.backend('catalog').received.length).toBe(1);
  });

  it('is asked about some requests alone', async () => {
    await running.apply(mesh(external({ requests: [{ kind: 'http', ...prefix('/private') }] })));
    verdict = () => ({ status: 403 });
    expect((await running.call('web', 'catalog', { path: '/public' })).status).toBe(200);
    expect(checks.length).toBe(0);
    expect((await running.call('web', 'catalog', { path: '/private/x' })).status).toBe(403);
    expect(checks.length).toBe(1);
  });

  it('is not asked about a call that is not allowed anyway', async () => {
    const deny = accessRule({ action: 'deny', requests: [{ kind: 'http', ...prefix('/admin') }] });
    await running.apply(mesh({ ...external(), rules: [deny] }));
    verdict = () => ({ status: 200 });
    expect((await running.call('web', 'catalog', { path: '/admin' })).status).toBe(403);
    expect(checks.length).toBe(0);
  });

  it('that does not answer in time denies, or lets pass, as it was told', async () => {
    const nobody = service('nobody', { ports: [port('grpc')] });
    const services = [catalog, keys, authz, authzHttp, nobody];
    await running.apply(mesh(external({ service: ref(nobody) }), { services }), {
      applications: { nobody: async () => ({ close: () => {} }) },
    });
    expect((await running.call('web', 'catalog')).status).toBe(403);
    await running.apply(mesh(external({ service: ref(nobody), onFailure: 'allow' }), { services }));
    expect((await running.call('web', 'catalog')).status).toBe(200);
  });

  it('may speak plain HTTP', async () => {
    await running.apply(mesh(external({ service: ref(authzHttp), protocol: 'http' })));
    const asking = running.backend('authz-http');
    asking.reply({ status: 200, headers: { 'x-checked': 'yes' } });
    expect(
      (await running.call('web', 'catalog', { path: '/a?b=c', headers: { 'x-user': 'ann', 'x-secret': 'x' } })).status,
    ).toBe(200);
    expect(asking.received[0]).toMatchObject({ method: 'GET', path: expect.stringMatching(/\/a\?b=c$/) });
    expect(asking.received[0]?.headers['x-user']).toBe('ann');
    expect(asking.received[0]?.headers).not.toHaveProperty('x-secret');
    asking.reply({ status: 403, body: 'not you' });
    const denied = await running.call('web', 'catalog');
    expect([denied.status, denied.text]).toEqual([403, 'not you']);
  });
});
