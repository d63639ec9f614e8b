import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { register, XdsChannelCredentials } from '@grpc/grpc-js-xds';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Model, Service } from '../../lib/model';
import { echoService } from '../behaviour/harness/grpc';
import { Mesh } from '../behaviour/harness/mesh';
import { plausibleCounts } from '../behaviour/harness/share';
import * as build from '../support/model-builder';
import { Agent } from '../support/xds/agent';

/**
 * gRPC's own client of xDS, which nobody here has written, under a real control plane that makes its configuration from a model. It
 * calls `ratings`, before whose instances real sidecars stand.
 */

const { backend, edge, grpcMatch, grpcRoute, grpcRule, model, port, ref, service, version, workload } = build;

const grpc = [port('grpc', 8080, { port: 9000 })];
const ratings = service('ratings', { ports: grpc, versions: [version('v1'), version('v2')] });
/** Called in plain text too: its only instance has no sidecar yet. */
const catalog = service('catalog', { ports: grpc, mutualTls: 'permissive' });
const reviews = workload('reviews');
const stranger = workload('stranger');

function declared(parts: Partial<Model> = {}): Model {
  const called = (to: Service) => edge(reviews, to, { port: 9000 });
  return model({
    services: [ratings, catalog],
    workloads: [reviews, stranger],
    edges: [called(ratings), called(catalog)],
    ...parts,
  });
}

const one = { name: 'ratings-v1-0', version: 'v1' } as const;
const two = { name: 'ratings-v1-1', version: 'v1' } as const;
const other = { name: 'ratings-v2-0', version: 'v2' } as const;
const instances = {
  ratings: [one, two, other],
  catalog: [{ name: 'catalog-0', sidecar: false }],
};

let mesh: Mesh;
let agent: Agent;
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  register();
  mesh = await Mesh.start(declared(), { instances });
  agent = await agentOf(reviews.name);
}, 60_000);
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});
afterAll(async () => {
  agent?.stop();
  await mesh?.stop();
});

describe("gRPC's own client of xDS, in the place of a sidecar", () => {
  it('calls a service by each of its names, and proves to its sidecar who it is', async () => {
    for (const name of ['ratings', 'ratings.shop', 'ratings.shop.svc', 'ratings.shop.svc.cluster.local']) {
      mesh.reset();
      const client = clientOf(`${name}:9000`);
      expect(await call(client)).toMatch(/^ratings-v[12]-[01]: hello$/);
      const [received] = mesh.backends('ratings').flatMap((one) => one.received);
      expect(received?.headers).toMatchObject({
        'x-forwarded-client-cert': expect.stringMatching(/;URI=spiffe:\/\/shop\.example\/ns\/shop\/sa\/reviews$/),
      });
      client.close();
    }
  });

  it('calls in plain text who has no sidecar yet', async () => {
    expect(await call(clientOf('catalog:9000'))).toBe('catalog-0: hello');
  });

  it('obeys matches and shares, as soon as they are declared', async () => {
    const client = clientOf('ratings:9000');
    await call(client);
    const to = (of: string, weight = 100) => backend(ratings, { port: 9000, version: of, weight });
    const routes = [
      grpcRoute(ratings, [
        grpcRule({
          matches: [grpcMatch({ headers: [{ kind: 'exact', name: 'x-user', value: 'ann' }] })],
          action: { kind: 'forward', backends: [to('v2')] },
        }),
        grpcRule({
          matches: [grpcMatch({ service: 'shop.v1.Other' })],
          action: { kind: 'forward', backends: [to('v1')] },
        }),
        grpcRule({ action: { kind: 'forward', backends: [to('v1', 80), to('v2', 20)] } }),
      ]),
    ];
    await mesh.apply(declared({ routes }));
    const versionOf = async (...given: Parameters<typeof call>) => (await call(...given)).slice(8, 10);
    const many = async (count: number, ...given: Parameters<typeof call>) => {
      const found = await Promise.all(Array.from({ length: count }, () => versionOf(...given)));
      return found.filter((found) => found === 'v2').length;
    };
    await expect.poll(() => many(20, client, { user: 'ann' })).toBe(20);
    expect(await many(20, client, { service: 'shop.v1.Other' })).toBe(0);
    const total = 400;
    const { least, most } = plausibleCounts(total, 20);
    const second = await many(total, client);
    expect(second).toBeGreaterThanOrEqual(least);
    expect(second).toBeLessThanOrEqual(most);
  });

  it('keeps its other routes where one of them answers by itself, which it cannot', async () => {
    const match = { ...build.prefix('/shop.v1.Other') };
    const routes = [
      build.httpRoute(ratings, [build.httpRule({ matches: [match], action: { kind: 'respond', status: 503 } })], {
        parents: [{ kind: 'service', ...ref(ratings), port: 9000 }],
      }),
    ];
    await mesh.apply(declared({ routes }));
    const client = clientOf('ratings:9000');
    expect(await call(client)).toMatch(/^ratings/);
    expect(await failed(client, { service: 'shop.v1.Other' })).toMatchObject({ code: status.UNAVAILABLE });
    await mesh.apply(declared());
  });

  it('follows its endpoints without a failed call', async () => {
    const at = (state: 'ready' | 'draining', ...which: readonly (typeof one | typeof two | typeof other)[]) =>
      which.map((instance) => ({ ...instance, state }));
    await mesh.apply(declared(), {
      instances: { ...instances, ratings: [...at('ready', one), ...at('draining', two, other)] },
    });
    const client = clientOf('ratings:9000');
    const answers: string[] = [];
    let last = false;
    const calls = (async () => {
      while (!last) answers.push(await call(client));
    })();
    await expect.poll(() => answers.length).toBeGreaterThan(50);
    expect(new Set(answers)).toEqual(new Set(['ratings-v1-0: hello']));
    for (const [next, rest] of [
      [two, [one, other]],
      [other, [one, two]],
      [one, [two, other]],
    ] as const) {
      await mesh.apply(declared(), {
        instances: { ...instances, ratings: [...at('ready', next), ...at('draining', ...rest)] },
      });
      await expect.poll(() => new Set(answers.slice(-20))).toEqual(new Set([`${next.name}: hello`]));
    }
    last = true;
    await calls;
    await mesh.apply(declared(), { instances });
  });

  it('is refused by the sidecar of the service, in the words of the mesh, with an identity that has not declared the call', async () => {
    const foreign = await agentOf(stranger.name);
    undo.push(() => foreign.stop());
    expect(await failed(clientOf('ratings:9000', foreign))).toMatchObject({
      code: status.PERMISSION_DENIED,
      details: expect.stringContaining('spiffe://shop.example/ns/shop/sa/stranger may not call ratings.shop'),
    });
  });

  it('speaks to nobody who proves another identity than that of the service', async () => {
    const client = clientOf('ratings:9000');
    await call(client);
    // The proxies of the service keep the certificates that they have: they are other pods than those that are declared now.
    undo.push(() => mesh.source.setModel(declared()));
    mesh.source.setModel(declared({ services: [{ ...ratings, serviceAccount: 'another' }, catalog] }));
    const outcome = () => call(client).catch(({ details }: ServiceError) => details);
    await expect.poll(outcome).toContain('No matching subject alternative name found in certificate');
    mesh.source.setModel(declared());
    await expect.poll(outcome, { timeout: 10_000 }).toMatch(/^ratings/);
  });

  it('calls no longer what is no longer declared', async () => {
    const client = clientOf('catalog:9000');
    expect(await call(client)).toBe('catalog-0: hello');
    undo.push(() => mesh.source.setModel(declared()));
    mesh.source.setModel(declared({ edges: [edge(reviews, ratings, { port: 9000 })] }));
    const outcome = () => call(client).catch(({ code }: ServiceError) => code);
    await expect.poll(outcome).toBe(status.UNAVAILABLE);
  });
});

/** With a certificate of this identity; what it is told is what `reviews` is told. */
async function agentOf(serviceAccount: string): Promise<Agent> {
  const { certificates: controlPlane } = mesh;
  const pod = { namespace: 'shop', name: 'reviews-grpc-0' };
  mesh.source.setProxy(pod, {
    proxy: { kind: 'proxyless', member: { kind: 'workload', ...ref(reviews) } },
    binding: { kind: 'pod', applicationPorts: [] },
  });
  const svid = controlPlane.authority.issue({ namespace: 'shop', serviceAccount });
  return Agent.start({
    port: controlPlane.port,
    trust: controlPlane.trust,
    token: controlPlane.token(pod, build.identity(reviews)),
    certificateChain: svid.certificateChain,
    privateKey: svid.privateKey,
  });
}

function clientOf(target: string, through = agent): Client {
  const client = new Client(`xds:///${target}`, new XdsChannelCredentials(credentials.createInsecure()), {
    // As the environment variable GRPC_XDS_BOOTSTRAP_CONFIG, which holds for a whole process.
    'grpc.TEST_ONLY_DO_NOT_USE_IN_PROD.xds_bootstrap_config': through.bootstrap,
  });
  undo.push(() => client.close());
  return client;
}

interface Called {
  readonly service?: string;
  readonly user?: string;
}

const text = { to: (value: string) => Buffer.from(value), from: (bytes: Buffer) => bytes.toString() };

function call(client: Client, { service: of = echoService, user }: Called = {}): Promise<string> {
  const metadata = new Metadata();
  if (user !== undefined) metadata.set('x-user', user);
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + 10_000 };
    client.makeUnaryRequest(`/${of}/Once`, text.to, text.from, 'hello', metadata, options, (error, value = '') =>
      error ? reject(error) : resolve(value),
    );
  });
}

async function failed(client: Client, called: Called = {}): Promise<ServiceError> {
  return call(client, called).then(
    (answer) => {
      throw new Error(`it was answered: ${answer}`);
    },
    (error: ServiceError) => error,
  );
}
