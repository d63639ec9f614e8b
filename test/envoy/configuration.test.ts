import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Configuration, configurationOf, MeshProxy } from '../../lib/envoy';
import { decode } from '../../lib/kubernetes/declared';
import { canonical, lookup, type Model, type Ref, withImpliedAccess } from '../../lib/model';
import { synthesize } from '../examples/synthesized';
import { arbitraryModel } from '../support/arbitraries/model';
import { contextOf } from '../support/envoy/contexts';
import { brokenLaws } from '../support/envoy/laws';
import { proxiesOf } from '../support/envoy/proxies';
import { type Served, validateConfigurations } from '../support/envoy/validated';
import { expectGolden, expectNoStaleGoldens } from '../support/golden';

const examples = ['shop', 'zero-trust', 'canary', 'gateway', 'cdk8s-plus'] as const;

async function exampleMesh(example: string): Promise<Model> {
  const { model, problems } = decode((await synthesize(example)).objects);
  if (!model || problems.length > 0) throw new Error(`example ${example}: ${JSON.stringify(problems)}`);
  return canonical(model);
}

describe.each(examples)('every proxy of examples/%s', (example) => {
  let mesh: Model;
  let made: ReadonlyMap<string, Configuration>;
  beforeAll(async () => {
    mesh = await exampleMesh(example);
    made = configurationsOf(mesh);
  });

  it('keeps the laws of every configuration', () => {
    expect(new Map([...made].map(([key, configuration]) => [key, brokenLaws(configuration)]))).toEqual(
      new Map([...made.keys()].map((key) => [key, []])),
    );
  });

  it('has a configuration that Envoy takes', async () => {
    expect(await complaints([...made].map(([key, configuration]) => [key, { configuration }]))).toEqual([]);
  });

  if (example !== 'shop') return;

  it('golden files, by kind of resource', () => {
    const used = [...made].flatMap(([key, configuration]) =>
      Object.entries(configuration).flatMap(([kind, resources]) => {
        if (resources.length === 0) return [];
        const file = `${folder}/${key}/${kind}.yaml`;
        expectGolden(file, stringify(resources, { lineWidth: 0, aliasDuplicateObjects: false }));
        return [file];
      }),
    );
    expectNoStaleGoldens(folder, used);
  });
});

const folder = 'test/envoy/golden/shop';

describe('whatever the mesh is, the configuration of each proxy', () => {
  it('keeps the laws of every configuration', () => {
    property((mesh) => {
      for (const [key, configuration] of configurationsOf(mesh)) expect(brokenLaws(configuration), key).toEqual([]);
    });
  });

  it('is that of the whole mesh: what does not concern it changes nothing', () => {
    property((mesh) => {
      const whole = canonical(withImpliedAccess(mesh));
      for (const proxy of proxiesOf(mesh)) {
        const context = contextOf(mesh, proxy);
        expect(configurationOf(context), MeshProxy.key(proxy)).toEqual(configurationOf({ ...context, model: whole }));
      }
    });
  });

  it('is the same bytes in whatever order the mesh was declared', () => {
    property((mesh) => {
      const [straight, turned] = [mesh, reversed(mesh)].map(configurationsOf);
      for (const [key, configuration] of straight ?? []) {
        expect(JSON.stringify(turned?.get(key)), key).toBe(JSON.stringify(configuration));
      }
    });
  });

  it('is one that Envoy takes', async () => {
    const meshes = fc.sample(arbitraryModel().map(withPorts).map(withExpressions), { numRuns: 40, seed });
    const served = meshes.flatMap((mesh, index) =>
      [...configurationsOf(mesh)].map(([key, configuration]) => [`${index} ${key}`, { configuration }] as const),
    );
    expect(await complaints(served)).toEqual([]);
  });
});

/** Whoever is asked for authorization or counts requests is asked at a port that it has, or nobody is. */
function withPorts(mesh: Model): Model {
  const asked = (value: unknown) => {
    if (typeof value !== 'object' || value === null || !('service' in value)) return value;
    const port = lookup(mesh)
      .service(value.service as Ref)
      ?.ports.find(({ protocol }) => protocol !== 'udp');
    return port && { ...value, port: port.port };
  };
  return JSON.parse(
    JSON.stringify(mesh, (key, value) => (key === 'externalAuthorization' || key === 'global' ? asked(value) : value)),
  ) as Model;
}

/** To the model an expression or a set of keys is any text; Envoy reads it. */
function withExpressions(mesh: Model): Model {
  const legal = new Map([
    ['cel', 'response.code >= 500'],
    ['jwks', jwks],
  ]);
  return JSON.parse(JSON.stringify(mesh, (key, value) => legal.get(key) ?? value)) as Model;
}

const jwks = JSON.stringify({
  keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })],
});

/** Another one in each run of the suite would show in whose commit a failure is not. */
const seed = 20_240_901;

function property(check: (mesh: Model) => void): void {
  fc.assert(fc.property(arbitraryModel().map(withPorts), check), { numRuns: 100 });
}

function configurationsOf(mesh: Model): ReadonlyMap<string, Configuration> {
  return new Map(proxiesOf(mesh).map((proxy) => [MeshProxy.key(proxy), configurationOf(contextOf(mesh, proxy))]));
}

async function complaints(all: readonly (readonly [string, Served])[]): Promise<readonly string[]> {
  const found = await validateConfigurations(all.map(([, served]) => served));
  return all.flatMap(([key], index) => (found[index] ?? []).map((complaint) => `${key}: ${complaint}`));
}

function reversed(mesh: Model): Model {
  const lists = Object.entries(mesh).map(([key, list]) => [key, Array.isArray(list) ? [...list].reverse() : list]);
  return Object.fromEntries(lists) as Model;
}
