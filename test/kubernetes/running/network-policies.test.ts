import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import { networkPolicies } from '../../../lib/kubernetes/running';
import { type Capture, Late, type Model, type Telemetry } from '../../../lib/model';
import { accessPolicy, edge, edgeOut, external, model, port, service } from './meshes';

/** What the rules of one direction say, as lines: `<protocol> <ports> <peer>`. */
function rules(of: Model, name: string, direction: 'ingress' | 'egress'): readonly string[] {
  const policy = networkPolicies(of).find(({ metadata }) => metadata.name === name);
  if (!policy) throw new Error(`there is no policy ${name}`);
  const side = direction === 'ingress' ? 'from' : 'to';
  return (policy.spec[direction] as Manifest[]).flatMap((rule) => {
    const peers: Manifest[] = rule[side] ?? [undefined];
    const ports: Manifest[] = rule.ports ?? [undefined];
    return ports.flatMap((one) => peers.map((peer) => `${portText(one)} ${peerText(peer)}`));
  });
}

function portText(one: Manifest | undefined): string {
  if (one === undefined) return 'everything';
  const range = one.endPort === undefined ? one.port : `${one.port}-${one.endPort}`;
  return `${one.protocol} ${range ?? 'any'}`;
}

function peerText(peer: Manifest | undefined): string {
  if (peer === undefined) return 'everyone';
  if (peer.ipBlock) return peer.ipBlock.cidr;
  const labels = peer.podSelector?.matchLabels ?? {};
  const expression = peer.podSelector?.matchExpressions ? ['collectors of metrics'] : [];
  const namespace = peer.namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] ?? '*';
  const pods = [...Object.entries(labels).map(([key, value]) => `${key}=${value}`), ...expression].join(',');
  return `${namespace}/${pods || '*'}`;
}

/** Of every policy, and so not of interest one by one. */
const always =
  /^(TCP 15090 |(TCP|UDP) (53|5353) |TCP 15010 meshwright-system\/app.kubernetes.io\/component=control-plane,)/;

function special(of: Model, name: string, direction: 'ingress' | 'egress'): readonly string[] {
  return rules(of, name, direction).filter((line) => !always.test(line));
}

const services = [service('storefront/web', [port(3000)]), service('storefront/reviews', [port(8080)])];
const calling = edge('storefront/web', 'storefront/reviews');
const anyMesh = '*/meshwright.dev/mesh=shop';

function pair(networkPolicies: 'open' | 'declared', more: Parameters<typeof model>[0] = {}): Model {
  const { mesh, ...lists } = more;
  return model({ mesh: { networkPolicies, ...mesh }, services, edges: [calling], ...lists });
}

describe('what comes in', () => {
  it('reaches the inbound port only: from every pod of the mesh, or from callers', () => {
    expect(special(pair('open'), 'reviews-mesh', 'ingress')).toEqual([`TCP 15100 ${anyMesh}`]);
    expect(special(pair('declared'), 'reviews-mesh', 'ingress')).toEqual(['TCP 15100 storefront/app=web']);
    expect(special(pair('declared'), 'web-mesh', 'ingress')).toEqual([]);
  });

  it('reaches the application too while plain text is accepted', () => {
    const moving = pair('declared', { mesh: { mutualTls: 'permissive' } });
    expect(special(moving, 'reviews-mesh', 'ingress')).toEqual(['TCP 8080 everyone', 'TCP 15100 everyone']);
    const strict = pair('declared', {
      mesh: { mutualTls: 'permissive' },
      services: services.map((one) => ({ ...one, mutualTls: 'strict' })),
    });
    expect(special(strict, 'reviews-mesh', 'ingress')).toEqual(['TCP 15100 storefront/app=web']);
  });

  it('comes from declared callers without identity, on the ports they may call', () => {
    const allow = (ports: readonly number[]) => ({
      action: 'allow' as const,
      shadow: false,
      from: [
        { kind: 'outside' as const, namespace: 'ingress' },
        { kind: 'address' as const, cidr: '203.0.113.7' },
        { kind: 'namespace' as const, namespace: 'jobs' },
        { kind: 'identity' as const, namespace: 'other', serviceAccount: 'unknown' },
      ],
      ports,
      requests: [],
      claims: [],
    });
    const policies = (ports: readonly number[], changes: object = {}) => [
      accessPolicy('storefront/reviews', { rules: [{ ...allow(ports), ...changes }] }),
    ];
    const expected = ['TCP 15100 203.0.113.7/32', 'TCP 15100 ingress/*'];
    expect(special(pair('open', { accessPolicies: policies([80]) }), 'reviews-mesh', 'ingress')).toEqual([
      ...expected,
      `TCP 15100 ${anyMesh}`,
    ]);
    expect(special(pair('declared', { accessPolicies: policies([]) }), 'reviews-mesh', 'ingress')).toEqual([
      ...expected,
      'TCP 15100 jobs/meshwright.dev/mesh=shop',
      'TCP 15100 other/*',
      'TCP 15100 storefront/app=web',
    ]);
    const none = ['TCP 15100 storefront/app=web'];
    for (const policy of [policies([81]), policies([], { action: 'deny' }), policies([], { shadow: true })]) {
      expect(special(pair('declared', { accessPolicies: policy }), 'reviews-mesh', 'ingress')).toEqual(none);
    }
  });

  it('reaches ports outside the mesh from where they are declared for, and from nowhere else', () => {
    const outsidePorts = [
      { port: 9464, protocol: 'tcp', from: [{ kind: 'namespace', namespace: 'monitoring' }] },
      { port: 5000, protocol: 'udp', from: [{ kind: 'address', cidr: '10.0.0.0/8' }] },
      { port: 7000, protocol: 'tcp', from: [{ kind: 'anyone' }] },
      { port: 6060, protocol: 'tcp', from: [] },
    ] as const;
    const of = pair('declared', { accessPolicies: [accessPolicy('storefront/web', { outsidePorts })] });
    expect(special(of, 'web-mesh', 'ingress')).toEqual([
      'TCP 7000 everyone',
      'TCP 9464 monitoring/*',
      'UDP 5000 10.0.0.0/8',
    ]);
    expect(rules(of, 'web-mesh', 'ingress')).toContain('TCP 15090 monitoring/*');
  });

  it('includes UDP, which no proxy sees, from those who may call', () => {
    const both = [
      service('storefront/reviews', [port(8080), port(8125, 'udp', 125)]),
      service('storefront/web', [port(3000)]),
    ];
    expect(special(pair('declared', { services: both }), 'reviews-mesh', 'ingress')).toEqual([
      'TCP 15100 storefront/app=web',
      'UDP 8125 storefront/app=web',
    ]);
    expect(special(pair('open', { services: both }), 'reviews-mesh', 'ingress')).toContain(`UDP 8125 ${anyMesh}`);
    expect(special(pair('declared', { services: both }), 'web-mesh', 'egress')).toContain(
      'UDP 8125 storefront/app=reviews',
    );
  });

  it('admits what collects metrics, and the control plane', () => {
    expect(rules(pair('declared'), 'web-mesh', 'ingress')).toEqual([
      'TCP 15090 meshwright-system/app.kubernetes.io/component=control-plane,app.kubernetes.io/part-of=meshwright',
      'TCP 15090 */collectors of metrics',
    ]);
  });

  it('includes proxies that ask a service for themselves', () => {
    const authz = service('storefront/authz', [port(9000, 'grpc', 9000)]);
    const of = pair('declared', {
      services: [...services, authz],
      accessPolicies: [
        accessPolicy('storefront/reviews', {
          externalAuthorization: {
            service: authz,
            port: 9000,
            protocol: 'grpc',
            timeout: 500,
            onFailure: 'deny',
            requests: [],
            headers: [],
          },
        }),
      ],
    });
    expect(special(of, 'authz-mesh', 'ingress')).toEqual(['TCP 15100 storefront/app=reviews']);
    expect(special(of, 'reviews-mesh', 'egress')).toEqual(['TCP 15100 storefront/app=authz']);
  });
});

describe('what goes out', () => {
  it('reaches DNS and the control plane in any case', () => {
    expect(rules(model({ mesh: { networkPolicies: 'declared' }, services }), 'web-mesh', 'egress')).toEqual([
      'TCP 53 169.254.20.10/32',
      'TCP 53 */*',
      'TCP 5353 169.254.20.10/32',
      'TCP 5353 */*',
      'UDP 53 169.254.20.10/32',
      'UDP 53 */*',
      'UDP 5353 169.254.20.10/32',
      'UDP 5353 */*',
      'TCP 15010 meshwright-system/app.kubernetes.io/component=control-plane,app.kubernetes.io/part-of=meshwright',
    ]);
  });

  it('reaches every inbound port of the mesh, or those of declared edges', () => {
    expect(special(pair('open'), 'web-mesh', 'egress')).toEqual([
      'TCP 15100 storefront/app=reviews',
      `TCP 15100-15199 ${anyMesh}`,
      `UDP any ${anyMesh}`,
    ]);
    expect(special(pair('declared'), 'web-mesh', 'egress')).toEqual(['TCP 15100 storefront/app=reviews']);
    expect(special(pair('declared'), 'reviews-mesh', 'egress')).toEqual([]);
  });

  it('reaches pods that have no sidecar yet while their service is moving', () => {
    const moving = pair('declared', { services: services.map((one) => ({ ...one, mutualTls: 'permissive' })) });
    expect(special(moving, 'web-mesh', 'egress')).toEqual([
      'TCP 8080 storefront/app=reviews',
      'TCP 15100 storefront/app=reviews',
    ]);
  });

  it('reaches what routes lead on to', () => {
    const of = pair('declared', {
      services: [...services, service('storefront/stars', [port(1, 'http', 90), port(2)])],
      routes: [
        {
          kind: 'http',
          namespace: 'storefront',
          name: 'reviews',
          parents: [{ kind: 'service', namespace: 'storefront', name: 'reviews', port: 80 }],
          hostnames: [],
          rules: [
            {
              matches: [],
              action: {
                kind: 'forward',
                backends: [{ service: { namespace: 'storefront', name: 'stars' }, port: 80, weight: 100 }],
              },
            },
          ],
        },
      ],
    });
    expect(special(of, 'web-mesh', 'egress')).toEqual([
      'TCP 15100 storefront/app=reviews',
      'TCP 15101 storefront/app=stars',
    ]);
    expect(special(of, 'stars-mesh', 'ingress')).toEqual(['TCP 15101 storefront/app=web']);
  });

  it('reaches declared external hosts: by address where it is known, by port where it is not, or through a gateway', () => {
    const of = model({
      mesh: { networkPolicies: 'declared' },
      services,
      externalServices: [
        external('storefront/dns', 'api.example.com'),
        external('storefront/fixed', 'fixed.example.com', {
          port: 8443,
          addresses: ['192.0.2.1', '2001:db8::1', '198.51.100.0/24'],
        }),
        external('storefront/mail', 'smtp.example.com', { port: 25, via: 'out' }),
        external('storefront/other', 'other.example.com', { port: 9999 }),
      ],
      egressGateways: [{ namespace: 'storefront', name: 'out', replicas: 2 }],
      edges: [
        edgeOut('storefront/web', 'storefront/dns'),
        edgeOut('storefront/web', 'storefront/fixed', { port: 8443 }),
        edgeOut('storefront/web', 'storefront/mail', { port: 25 }),
      ],
    });
    expect(special(of, 'web-mesh', 'egress')).toEqual([
      'TCP 443 0.0.0.0/0',
      'TCP 443 ::/0',
      'TCP 8443 192.0.2.1/32',
      'TCP 8443 198.51.100.0/24',
      'TCP 8443 2001:db8::1/128',
      'TCP 15100 storefront/app.kubernetes.io/name=out-egress,meshwright.dev/proxy=egress-gateway',
    ]);
    expect(special(of, 'out-egress-mesh', 'ingress')).toEqual(['TCP 15100 storefront/app=web']);
    expect(special(of, 'out-egress-mesh', 'egress')).toEqual(['TCP 25 0.0.0.0/0', 'TCP 25 ::/0']);
  });

  it('reaches collectors of logs and traces wherever their name leads', () => {
    const to = (host: string, of: Partial<Model> = {}) => {
      const telemetry: Telemetry = { tracing: { enabled: true, host, port: 4317 } };
      return special(
        model({ services, ...of, mesh: { networkPolicies: 'declared', telemetry } }),
        'web-mesh',
        'egress',
      );
    };
    const anywhere = ['TCP 4317 0.0.0.0/0', 'TCP 4317 ::/0'];
    const namespace = ['TCP any monitoring/*'];
    expect(to('otel.monitoring.svc')).toEqual(namespace);
    expect(to('otel.monitoring.svc.cluster.local')).toEqual(namespace);
    expect(to('otel')).toEqual(['TCP any storefront/*']);
    expect(to('otel.monitoring')).toEqual([...namespace, ...anywhere]);
    expect(to('traces.vendor.example')).toEqual(anywhere);
    expect(to(Late.text('0123456789abcdef'))).toEqual(anywhere);
    expect(to('192.0.2.9')).toEqual(['TCP 4317 192.0.2.9/32']);
    expect(to('2001:db8::9')).toEqual(['TCP 4317 2001:db8::9/128']);
    expect(to('reviews.storefront.svc', { services: [...services] })).toEqual(['TCP any storefront/app=reviews']);
  });

  it('reaches what transparent capture leaves to the application', () => {
    const capture: Capture = {
      kind: 'transparent',
      excludeInboundPorts: [],
      excludeOutboundPorts: [5432],
      excludeOutboundAddresses: ['10.9.0.0/16'],
    };
    const of = model({
      mesh: { networkPolicies: 'declared' },
      services: [service('storefront/web', [port(3000)], { capture })],
    });
    expect(special(of, 'web-mesh', 'egress')).toEqual([
      'everything 10.9.0.0/16',
      'TCP 5432 0.0.0.0/0',
      'TCP 5432 ::/0',
    ]);
  });
});

describe('behind a shared proxy', () => {
  const of = pair('declared', {
    sharedProxies: [{ namespace: 'storefront', name: 'front', services: ['reviews'], replicas: 1 }],
  });
  const proxy = 'storefront/app.kubernetes.io/name=front-shared,meshwright.dev/proxy=shared-proxy';

  it('applications are reached from the proxy only, and callers reach the proxy', () => {
    expect(rules(of, 'reviews-mesh', 'ingress')).toEqual([`TCP 8080 ${proxy}`]);
    expect(special(of, 'front-shared-mesh', 'ingress')).toEqual(['TCP 15100 storefront/app=web']);
    expect(special(of, 'front-shared-mesh', 'egress')).toEqual(['TCP 8080 storefront/app=reviews']);
    expect(special(of, 'web-mesh', 'egress')).toEqual([`TCP 15100 ${proxy}`]);
  });

  it('applications may send what they like: nothing says what they call', () => {
    const policy = networkPolicies(of).find(({ metadata }) => metadata.name === 'reviews-mesh');
    expect(policy?.spec.policyTypes).toEqual(['Ingress']);
    expect('egress' in (policy?.spec ?? {})).toBe(false);
  });
});
