import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type BootstrapOptions, bootstrap, bootstrapFiles } from '../../lib/envoy';
import { type Authority, authority } from '../support/envoy/authority';
import { Container, volumeOf } from '../support/envoy/container';
import { pgvViolations } from '../support/envoy/pgv';
import { validateWithEnvoy } from '../support/envoy/process';
import { encode } from '../support/envoy/registry';
import { expectGolden, expectNoStaleGoldens } from '../support/golden';

const folder = 'test/envoy/golden';
const controlPlane = { host: 'meshwright.meshwright-system.svc.cluster.local', port: 15_010 };
const paths = {
  runtime: '/run/meshwright',
  trust: '/etc/meshwright/trust',
  token: '/etc/meshwright/token',
  config: '/etc/meshwright/config',
};

/** Each is one golden file: a proxy of each kind, and of one kind with every option. */
const cases: { readonly [name: string]: BootstrapOptions } = {
  sidecar: { kind: 'sidecar', cluster: 'storefront/web', controlPlane, paths },
  gateway: { kind: 'gateway', cluster: 'storefront/public-gateway', controlPlane, paths },
  'egress-gateway': { kind: 'egress-gateway', cluster: 'storefront/out-egress', controlPlane, paths },
  'shared-proxy': { kind: 'shared-proxy', cluster: 'storefront/front-shared', controlPlane, paths },
  'every-option': {
    kind: 'sidecar',
    cluster: 'storefront/web',
    controlPlane: { host: '127.0.0.1', port: 32_001 },
    paths,
    metricsPort: 32_090,
    latencyBuckets: [5, 50, 500],
    memoryLimit: 256 * 2 ** 20,
  },
};

const file = (name: string) => `${folder}/bootstrap/${name}.yaml`;
const bootstrapType = 'envoy.config.bootstrap.v3.Bootstrap';
const secretsType = 'envoy.service.discovery.v3.DiscoveryResponse';

describe('the bootstrap of', () => {
  for (const [name, options] of Object.entries(cases)) {
    it(`${name}: golden file`, () => {
      expectGolden(file(name), stringify(bootstrap(options), { lineWidth: 0, aliasDuplicateObjects: false }));
    });

    it(`${name}: keeps the rules of Envoy's API`, () => {
      const files = bootstrapFiles(options);
      expect(Object.keys(files)).toEqual(['envoy.json', 'token.json', 'trust.json']);
      for (const [key, content] of Object.entries(files)) {
        const type = key === 'envoy.json' ? bootstrapType : secretsType;
        expect(pgvViolations(type, content)).toEqual([]);
        expect(encode(content, type).length).toBeGreaterThan(0);
      }
    });
  }

  it('nothing else: no stale golden file', () => {
    expectNoStaleGoldens(`${folder}/bootstrap`, Object.keys(cases).map(file));
  });
});

describe('Envoy accepts the bootstrap of', () => {
  let root: Authority;
  beforeAll(() => {
    root = authority('root');
  });
  afterAll(() => root.remove());

  for (const [name, given] of Object.entries(cases)) {
    it.concurrent(name, async () => {
      const container = new Container();
      try {
        const options = { ...given, paths: container.paths };
        container.project(volumeOf(options, { token: 'token', trust: root.certificate }));
        expect(await validateWithEnvoy(bootstrap(options))).toEqual({
          ok: true,
          output: expect.stringMatching(/^configuration '\S+' OK\n$/),
        });
      } finally {
        container.remove();
      }
    });
  }
});

describe('the secrets of a bootstrap', () => {
  it('are paths, and the folders in which they change', () => {
    const { 'token.json': token, 'trust.json': trust } = bootstrapFiles({
      kind: 'sidecar',
      cluster: 'a/b',
      controlPlane,
      paths,
    });
    const secret = { '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret' };
    expect({ token, trust }).toEqual({
      token: {
        resources: [
          {
            ...secret,
            name: 'token',
            genericSecret: {
              secret: { filename: '/etc/meshwright/token/token', watchedDirectory: { path: '/etc/meshwright/token' } },
            },
          },
        ],
      },
      trust: {
        resources: [
          {
            ...secret,
            name: 'trust',
            validationContext: {
              trustedCa: { filename: '/etc/meshwright/trust/ca.crt' },
              watchedDirectory: { path: '/etc/meshwright/trust' },
            },
          },
        ],
      },
    });
  });
});
