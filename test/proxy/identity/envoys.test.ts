import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bootstrap, type Cluster, extension, type Listener, type TransportSocket } from '../../../lib/envoy';
import { clientTls, serverTls } from '../../../lib/envoy/tls/mutual';
import { names } from '../../../lib/model';
import { readIssuer } from '../../../proxy/identity/given-issuer';
import type { Issuer } from '../../../proxy/identity/issuer';
import { issueLeaf, type LeafSubject } from '../../../proxy/identity/leaf';
import { keyPairSecret, type Secret, trustSecret } from '../../../proxy/identity/secrets';
import type { KeyPair } from '../../../proxy/sources/source';
import { contextOf } from '../../support/envoy/contexts';
import { type RunningEnvoy, startEnvoy } from '../../support/envoy/process';
import { mesh, model, service } from '../../support/model-builder';
import { keys, makeAuthority } from './openssl';
import { day, hour, newRoot, opened } from './support';

/**
 * Two Envoys that speak mutual TLS as the mesh configures it, with certificates of ours: one listener of the server and one cluster of the
 * client for each case.
 */

const trustDomain = 'shop.example';
const callee = { namespace: 'shop', serviceAccount: 'catalog' };
const caller = { namespace: 'shop', serviceAccount: 'web' };
const workload = (who: typeof callee, domain = trustDomain): LeafSubject => ({
  kind: 'workload',
  spiffeId: names.spiffeId(domain, who),
});

interface Side {
  /** Absent: it shows none. */
  readonly leaf?: KeyPair;
  readonly trust: string;
}

interface Case {
  readonly name: string;
  readonly server: Side;
  readonly client: Side;
  /** Accepted, or who refuses and which of Envoy's statistics counts it. */
  readonly expected: 'accepted' | `${'client' | 'server'}: ${Failure}`;
}

/** https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/listeners/stats#tls-statistics */
const failures = ['fail_verify_error', 'fail_verify_san', 'fail_verify_no_cert'] as const;
type Failure = (typeof failures)[number];

const now = Date.now();
const root = newRoot(now);
const other = newRoot(now);
const by = (issuer: Issuer, subject: LeafSubject, { at = Date.now(), lifetime = day } = {}): KeyPair =>
  issueLeaf(opened(issuer), { subject, lifetime, now: at, random: randomBytes });
const server: Side = { leaf: by(root, workload(callee)), trust: root.roots };
const client: Side = { leaf: by(root, workload(caller)), trust: root.roots };
const cases: readonly Case[] = [
  { name: 'certificates of one root', server, client, expected: 'accepted' },
  {
    name: 'a client of another root',
    server,
    client: { ...client, leaf: by(other, workload(caller)) },
    expected: 'server: fail_verify_error',
  },
  {
    name: 'a client of another trust domain',
    server,
    client: { ...client, leaf: by(root, workload(caller, 'other.example')) },
    expected: 'server: fail_verify_san',
  },
  {
    name: 'a client of a trust domain that begins alike',
    server,
    client: { ...client, leaf: by(root, workload(caller, 'shop.example.org')) },
    expected: 'server: fail_verify_san',
  },
  {
    name: 'a client whose certificate has ended',
    server,
    client: { ...client, leaf: by(root, workload(caller), { at: now - day / 8, lifetime: hour }) },
    expected: 'server: fail_verify_error',
  },
  {
    name: 'a client whose certificate has not begun',
    server,
    client: { ...client, leaf: by(root, workload(caller), { at: now + hour }) },
    expected: 'server: fail_verify_error',
  },
  {
    name: 'a client with the certificate of a server, which is no SVID',
    server,
    client: { ...client, leaf: by(root, { kind: 'server', hosts: ['web.shop.svc.cluster.local'] }) },
    expected: 'server: fail_verify_error',
  },
  {
    name: 'a client without a certificate',
    server,
    client: { trust: root.roots },
    expected: 'server: fail_verify_no_cert',
  },
  {
    name: 'a server of another root',
    server: { ...server, leaf: by(other, workload(callee)) },
    client,
    expected: 'client: fail_verify_error',
  },
  {
    name: 'a server of another identity',
    server: { ...server, leaf: by(root, workload(caller)) },
    client,
    expected: 'client: fail_verify_san',
  },
  {
    name: 'a server whose identity begins alike',
    server: { ...server, leaf: by(root, workload({ ...callee, serviceAccount: 'catalog2' })) },
    client,
    expected: 'client: fail_verify_san',
  },
  {
    name: 'a server of another trust domain',
    server: { ...server, leaf: by(root, workload(callee, 'other.example')) },
    client,
    expected: 'client: fail_verify_san',
  },
  {
    name: 'a server whose certificate has ended',
    server: { ...server, leaf: by(root, workload(callee), { at: now - day / 8, lifetime: hour }) },
    client,
    expected: 'client: fail_verify_error',
  },
  {
    name: 'a rotation: old and new certificates where both roots are trusted',
    server: { leaf: by(other, workload(callee)), trust: root.roots + other.roots },
    client: { leaf: by(root, workload(caller)), trust: other.roots + root.roots },
    expected: 'accepted',
  },
  ...givenCases(),
];

/** Authorities that somebody else has made, with keys of each kind that is accepted. */
function givenCases(): readonly Case[] {
  const inAnHour = now + hour;
  const above = makeAuthority({ name: 'root' });
  const middle = makeAuthority({ name: 'middle', issuer: above });
  const read = (certificates: readonly string[], privateKey: string, roots?: string): Issuer => {
    const given = { certificateChain: certificates.join(''), privateKey, ...(roots === undefined ? {} : { roots }) };
    const result = readIssuer(given, inAnHour);
    if (result.kind === 'refused') throw new Error(result.problems.join('; '));
    return result.issuer;
  };
  const alone = (newKey: readonly string[]) => {
    const { certificate, key } = makeAuthority({ name: 'root', newKey });
    return read([certificate], key);
  };
  const below = makeAuthority({ name: 'below', issuer: middle });
  const named: readonly (readonly [string, Issuer])[] = [
    ['a root of P-384', alone(keys.p384)],
    ['a root of RSA', alone(keys.rsa2048)],
    ['an intermediate of P-256', read([middle.certificate], middle.key, above.certificate)],
    [
      'an intermediate below an intermediate',
      read([below.certificate, middle.certificate], below.key, above.certificate),
    ],
    ['an intermediate that is trusted as it stands', read([middle.certificate], middle.key, middle.certificate)],
  ];
  return named.map(([name, issuer]) => ({
    name,
    server: { leaf: by(issuer, workload(callee)), trust: issuer.roots },
    client: { leaf: by(issuer, workload(caller)), trust: issuer.roots },
    expected: 'accepted',
  }));
}

const catalog = service('catalog');
const context = contextOf(model({ mesh: mesh({ trustDomain }), services: [catalog] }), {
  kind: 'sidecar',
  member: { kind: 'service', namespace: 'shop', name: 'catalog' },
});

const folder = mkdtempSync(join(tmpdir(), 'meshwright-identity-'));
const running: RunningEnvoy[] = [];
let ports: ReadonlyMap<string, number>;

beforeAll(async () => {
  const at = await started('server', {
    listeners: cases.map(serverListener),
    secrets: cases.flatMap((one, index) => secretsOf(one.server, index)),
  });
  ports = await started('client', {
    listeners: cases.map((_, index) => clientListener(index)),
    clusters: cases.map((_, index) => clientCluster(index, at.get(String(index)) ?? 0)),
    secrets: cases.flatMap((one, index) => secretsOf(one.client, index)),
  });
});

afterAll(async () => {
  await Promise.all(running.map((envoy) => envoy.stop()));
  rmSync(folder, { recursive: true, force: true });
});

describe('real Envoys', () => {
  it.each(cases.map((one, index) => ({ ...one, index })))('$name', async ({ index, expected }) => {
    const said = await answer({ port: ports.get(String(index)) ?? 0 }, '/');
    expect(said.startsWith('200 ') ? said : await refusals(index)).toEqual(
      expected === 'accepted' ? `200 ${names.spiffeId(trustDomain, caller)}` : [expected],
    );
  });
});

/** What was counted of the case with this number, on both sides. */
async function refusals(index: number): Promise<readonly string[]> {
  const counted = async (side: 'client' | 'server', owner: string) => {
    const stats = await answer({ socketPath: adminOf(side) }, `/stats?filter=${owner}.${index}.ssl.fail_verify`);
    return failures
      .filter((failure) => new RegExp(`\\.${failure}: [1-9]`).test(stats))
      .map((failure) => `${side}: ${failure}`);
  };
  return [...(await counted('client', 'cluster')), ...(await counted('server', 'listener'))];
}

function adminOf(side: 'client' | 'server'): string {
  return join(folder, `${side}.sock`);
}

async function started(
  side: 'client' | 'server',
  staticResources: Bootstrap['staticResources'],
): Promise<ReadonlyMap<string, number>> {
  const admin = adminOf(side);
  running.push(await startEnvoy({ admin: { address: { pipe: { path: admin } } }, staticResources }));
  const listeners = JSON.parse((await answer({ socketPath: admin }, '/listeners?format=json')).replace('200 ', ''));
  const all: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address: { readonly port_value: number } };
  }[] = listeners.listener_statuses;
  return new Map(all.map((one) => [one.name, one.local_address.socket_address.port_value]));
}

/** Of the case with this number, in the names by which the mesh's own configuration asks for them. */
function secretsOf({ leaf, trust }: Side, index: number): readonly Secret[] {
  const secrets = [
    ...(leaf === undefined ? [] : [keyPairSecret({ kind: 'identity' }, leaf)]),
    trustSecret({ kind: 'trust' }, trust),
  ];
  return secrets.map((secret) => ({ ...secret, name: `${secret.name}-${index}` }));
}

/** What the mesh configures, with secrets out of the bootstrap instead of the stream. */
function withStaticSecrets(socket: TransportSocket, side: Side, index: number): TransportSocket {
  return JSON.parse(JSON.stringify(socket), (key, value) => {
    if (key === 'tlsCertificateSdsSecretConfigs' && side.leaf === undefined) return undefined;
    return value?.sdsConfig === undefined ? value : { name: `${value.name}-${index}` };
  });
}

const anyPort = { socketAddress: { address: '127.0.0.1', portValue: 0 } };

/** Answers with whom it has seen. */
function serverListener(one: Case, index: number): Listener {
  const transportSocket = withStaticSecrets(serverTls(context, { alpn: ['h2'] }), one.server, index);
  const answers = {
    match: { prefix: '/' },
    directResponse: { status: 200 },
    responseHeadersToAdd: [{ header: { key: 'x-peer', value: '%DOWNSTREAM_PEER_URI_SAN%' } }],
  };
  return listenerOf(String(index), { transportSocket }, answers);
}

function clientListener(index: number): Listener {
  return listenerOf(String(index), {}, { match: { prefix: '/' }, route: { cluster: String(index), timeout: '5s' } });
}

type Chain = NonNullable<Listener['filterChains']>[number];

function listenerOf(name: string, chain: Pick<Chain, 'transportSocket'>, route: object): Listener {
  return {
    name,
    statPrefix: name,
    address: anyPort,
    filterChains: [
      {
        ...chain,
        filters: [
          extension(
            'envoy.filters.network.http_connection_manager',
            'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            {
              statPrefix: name,
              routeConfig: { virtualHosts: [{ name: 'all', domains: ['*'], routes: [route] }] },
              httpFilters: [
                extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {}),
              ],
            },
          ),
        ],
      },
    ],
  };
}

function clientCluster(index: number, port: number): Cluster {
  const socket = clientTls(context, { identity: callee, serverName: 'catalog.shop.svc.cluster.local', alpn: ['h2'] });
  const one = cases[index];
  return {
    name: String(index),
    connectTimeout: '5s',
    ...(one === undefined ? {} : { transportSocket: withStaticSecrets(socket, one.client, index) }),
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicitHttpConfig: { http2ProtocolOptions: {} },
      },
    },
    loadAssignment: {
      clusterName: String(index),
      endpoints: [
        { lbEndpoints: [{ endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue: port } } } }] },
      ],
    },
  };
}

/** Status, and what stands in `x-peer` or else in the body. */
function answer(to: { readonly port: number } | { readonly socketPath: string }, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', ...to, path, headers: { host: 'test' } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(`${response.statusCode} ${response.headers['x-peer'] ?? Buffer.concat(parts)}`));
    });
    sent.on('error', reject);
    sent.end();
  });
}
