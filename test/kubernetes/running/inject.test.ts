import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import { inject, podFacts } from '../../../lib/kubernetes/running';
import { type Member, type Model, names, upstreamsOf } from '../../../lib/model';
import { podSecurityViolations } from '../../support/manifests';
import { deployment, edge, edgeOut, external, model, port, service, shop, workload } from './meshes';

const web: Member = { kind: 'service', namespace: 'storefront', name: 'web' };

/** The pod of `storefront/web` after injection. */
function podOf(of: Model, spec: { readonly [field: string]: unknown } = {}, member = web) {
  const made = inject(of, member, deployment('storefront/web', spec), { bootstrapHash: 'h' });
  return made.spec.template.spec;
}

const calling = (changes: Parameters<typeof edge>[2] = {}, more: Parameters<typeof model>[0] = {}) =>
  model({
    services: [service('storefront/web', [port(3000)]), service('storefront/reviews', [port(8080)])],
    edges: [edge('storefront/web', 'storefront/reviews', changes)],
    ...more,
  });

describe('the sidecar in a pod', () => {
  it('comes first, before the init containers of the application', () => {
    const pod = podOf(calling(), {
      initContainers: [{ name: 'migrate', image: 'm:1' }],
      containers: [{ name: 'app', image: 'a:1' }],
    });
    expect(pod.initContainers.map(({ name }: Manifest) => name)).toEqual([names.objects.sidecar, 'migrate']);
    expect(pod.initContainers[0].restartPolicy).toBe('Always');
  });

  it('is in every kind of workload object, where that keeps its pods', () => {
    const { template } = deployment('storefront/web').spec;
    const kinds: readonly Manifest[] = [
      ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'Rollout'].map((kind) => ({
        ...deployment('storefront/web'),
        kind,
      })),
      {
        ...deployment('storefront/web'),
        kind: 'CronJob',
        spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } },
      },
      { ...deployment('storefront/web'), kind: 'Pod', spec: template.spec },
    ];
    const injected = kinds.map((manifest) => inject(calling(), web, manifest, { bootstrapHash: 'h' }));
    const templates = injected.map((manifest) => {
      if (manifest.kind === 'Pod') return manifest;
      return manifest.kind === 'CronJob' ? manifest.spec.jobTemplate.spec.template : manifest.spec.template;
    });
    for (const found of templates) {
      expect(found.spec).toEqual(templates[0].spec);
      expect(found.metadata.labels).toEqual({ app: 'web', [names.keys.mesh]: 'shop', [names.keys.service]: 'web' });
      expect(found.metadata.annotations).toEqual({
        [names.keys.inboundPorts]: '3000:15100',
        [names.keys.bootstrap]: 'h',
      });
    }
    expect(injected.at(-1)?.metadata.name).toBe('web');
  });

  it('is not in pods behind a shared proxy', () => {
    const { model: of, pods } = shop();
    const [billing] = pods.filter(({ member }) => member.name === 'billing');
    if (!billing) throw new Error('the fixture has no billing');
    expect(inject(of, billing.member, billing.manifest, { bootstrapHash: 'h' })).toBe(billing.manifest);
  });

  it('says what is missing', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'storefront' }, spec: {} };
    expect(() => inject(calling(), web, service, { bootstrapHash: 'h' })).toThrow(
      'Service storefront/web has no pod template; give a Pod, or an object with spec.template (Deployment, StatefulSet, DaemonSet, ReplicaSet, Job) or spec.jobTemplate (CronJob)',
    );
    expect(() => inject(model(), web, deployment('storefront/web'), { bootstrapHash: 'h' })).toThrow(
      'the model holds no service storefront/web; add it before its pods',
    );
  });

  it('runs as the identity of its service, whatever the template says', () => {
    const pod = podOf(calling(), {
      serviceAccountName: 'default',
      serviceAccount: 'default',
      containers: [{ name: 'app' }],
    });
    expect(pod.serviceAccountName).toBe('web');
    expect('serviceAccount' in pod).toBe(false);
  });

  it('announces its inbound ports on the first application container, once for each application port', () => {
    const of = model({
      services: [
        service('storefront/web', [port(9000, 'grpc', 81), port(3000), port(3000, 'http', 8080), port(53, 'udp', 53)]),
      ],
    });
    const containers = [{ name: 'app', ports: [{ name: 'web', containerPort: 3000 }] }, { name: 'log' }];
    const [app, log] = podOf(of, { containers }).containers;
    expect(app.ports).toEqual([
      { name: 'web', containerPort: 3000 },
      { name: 'mesh-3000', containerPort: 15100, protocol: 'TCP' },
      { name: 'mesh-9000', containerPort: 15101, protocol: 'TCP' },
    ]);
    expect('ports' in log).toBe(false);
  });

  it('keeps an /etc/hosts of its own', () => {
    const [sidecar] = podOf(calling()).initContainers;
    expect(sidecar.volumeMounts).toContainEqual({
      name: 'meshwright',
      mountPath: '/etc/hosts',
      subPath: 'hosts',
      readOnly: true,
    });
  });
});

describe('names of upstreams', () => {
  it('lead to the address that the sidecar listens on, instances of a StatefulSet and external hosts included', () => {
    const of = model({
      services: [
        service('storefront/web', [port(3000)]),
        service('backoffice/database', [port(6379, 'tcp', 6379)], {
          headless: true,
          instances: { statefulSet: 'db', replicas: 2 },
        }),
      ],
      externalServices: [
        external('storefront/stripe', 'api.stripe.com'),
        external('storefront/stripe-files', 'api.stripe.com', { port: 8443 }),
        external('storefront/any', '*.stripe.com'),
        external('storefront/fixed', '192.0.2.1'),
      ],
      edges: [
        edge('storefront/web', 'backoffice/database', { port: 6379 }),
        edgeOut('storefront/web', 'storefront/stripe'),
        edgeOut('storefront/web', 'storefront/stripe-files', { port: 8443 }),
        edgeOut('storefront/web', 'storefront/any'),
        edgeOut('storefront/web', 'storefront/fixed'),
      ],
    });
    const names = podOf(of).hostAliases.map(({ hostnames }: { hostnames: string[] }) => hostnames);
    expect(names).toEqual([
      ['api.stripe.com'],
      ...['database', 'db-0.database', 'db-1.database'].map((name) => [
        `${name}.backoffice`,
        `${name}.backoffice.svc`,
        `${name}.backoffice.svc.cluster.local`,
      ]),
    ]);
    const addresses = podOf(of).hostAliases.map(({ ip }: { ip: string }) => ip);
    expect(new Set(addresses).size).toBe(4);
    expect(upstreamsOf(of, { namespace: 'storefront', serviceAccount: 'web' }).map(({ address }) => address)).toEqual(
      expect.arrayContaining(addresses),
    );
  });

  it('do not change what the author of the pod says of a name', () => {
    const given = { ip: '10.0.0.9', hostnames: ['reviews', 'printer'] };
    expect(podOf(calling(), { hostAliases: [given], containers: [{ name: 'app' }] }).hostAliases).toEqual([
      given,
      {
        ip: '127.105.211.40',
        hostnames: ['reviews.storefront', 'reviews.storefront.svc', 'reviews.storefront.svc.cluster.local'],
      },
    ]);
  });

  it('are left to DNS where capture is transparent', () => {
    const capture = {
      kind: 'transparent',
      excludeInboundPorts: [],
      excludeOutboundPorts: [],
      excludeOutboundAddresses: [],
    } as const;
    const pod = podOf(calling({}, { mesh: { capture } }));
    expect('hostAliases' in pod).toBe(false);
    expect(pod.initContainers.map(({ name }: Manifest) => name)).toEqual([
      names.objects.captureInit,
      names.objects.sidecar,
    ]);
    expect(pod.securityContext.sysctls).toBeUndefined();
  });
});

describe('ports below 1024', () => {
  const low = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }];

  it('are opened only where the sidecar listens on one', () => {
    expect(podOf(calling()).securityContext.sysctls).toEqual(low);
    expect(podOf(calling({ at: 18_080 })).securityContext.sysctls).toBeUndefined();
    expect(
      podOf(model({ services: [service('storefront/web', [port(3000)])] })).securityContext.sysctls,
    ).toBeUndefined();
  });

  it('are left as the author set them, and on the network of the node', () => {
    const own = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '80' }];
    const containers = [{ name: 'app' }];
    expect(podOf(calling(), { securityContext: { sysctls: own }, containers }).securityContext.sysctls).toEqual(own);
    expect(podOf(calling(), { hostNetwork: true, containers }).securityContext.sysctls).toBeUndefined();
  });
});

describe('variables of edges', () => {
  it('carry host, port, address or URL, as the application speaks', () => {
    const env = (['host', 'port', 'address', 'url'] as const).map((value) => ({ name: value.toUpperCase(), value }));
    const set = (of: Model) =>
      Object.fromEntries(
        podOf(of).containers[0].env.map(({ name, value }: { name: string; value: string }) => [name, value]),
      );
    expect(set(calling({ env, at: 18_080 }))).toEqual({
      HOST: 'reviews',
      PORT: '18080',
      ADDRESS: 'reviews:18080',
      URL: 'http://reviews:18080',
      REVIEWS_SERVICE_HOST: 'reviews',
      REVIEWS_SERVICE_PORT: '18080',
    });
    const outside = calling(
      {},
      {
        externalServices: [external('storefront/stripe', 'api.stripe.com')],
        edges: [edgeOut('storefront/web', 'storefront/stripe', { env })],
      },
    );
    expect(set(outside)).toEqual({
      HOST: 'api.stripe.com',
      PORT: '443',
      ADDRESS: 'api.stripe.com:443',
      URL: 'https://api.stripe.com:443',
    });
  });

  it('replace one of the same name where it stands, in every container of the application', () => {
    const of = calling({
      env: [
        { name: 'REVIEWS', value: 'address' },
        { name: 'NEW', value: 'port' },
      ],
    });
    const env = [
      { name: 'BEFORE', value: '1' },
      { name: 'REVIEWS', valueFrom: { configMapKeyRef: { name: 'c', key: 'reviews' } } },
      { name: 'AFTER', value: 'http://$(REVIEWS)' },
    ];
    const links = [
      { name: 'REVIEWS_SERVICE_HOST', value: 'reviews' },
      { name: 'REVIEWS_SERVICE_PORT', value: '80' },
    ];
    const pod = podOf(of, {
      initContainers: [{ name: 'migrate' }],
      containers: [{ name: 'app', env }, { name: 'worker' }],
    });
    expect(pod.containers[0].env).toEqual([
      { name: 'BEFORE', value: '1' },
      { name: 'REVIEWS', value: 'reviews:80' },
      { name: 'AFTER', value: 'http://$(REVIEWS)' },
      { name: 'NEW', value: '80' },
      ...links,
    ]);
    const both = [{ name: 'NEW', value: '80' }, { name: 'REVIEWS', value: 'reviews:80' }, ...links];
    expect(pod.containers[1].env).toEqual(both);
    expect(pod.initContainers[1].env).toEqual(both);
  });
});

describe('variables that Kubernetes sets by itself', () => {
  it('say the names that lead to the sidecar, and no cluster address', () => {
    const pod = podOf(calling());
    expect(pod.enableServiceLinks).toBe(false);
    expect(pod.containers[0].env).toEqual([
      { name: 'REVIEWS_SERVICE_HOST', value: 'reviews' },
      { name: 'REVIEWS_SERVICE_PORT', value: '80' },
    ]);
  });

  it('stay as the author of the pod says', () => {
    const env = [{ name: 'REVIEWS_SERVICE_HOST', value: 'elsewhere' }];
    const pod = podOf(calling(), { enableServiceLinks: true, containers: [{ name: 'app', env }] });
    expect(pod.enableServiceLinks).toBe(true);
    expect(pod.containers[0].env).toEqual([...env, { name: 'REVIEWS_SERVICE_PORT', value: '80' }]);
  });
});

describe('the time to end', () => {
  const seconds = (of: Model, given?: number) =>
    podOf(of, {
      containers: [{ name: 'app' }],
      ...(given === undefined ? {} : { terminationGracePeriodSeconds: given }),
    }).terminationGracePeriodSeconds;

  it('is left as it is where it is long enough, and raised to the longest request and a margin', () => {
    expect(seconds(calling())).toBeUndefined();
    expect(seconds(calling({ timeout: 20_500 }))).toBe(36);
    expect(seconds(calling({ timeout: 20_500 }), 120)).toBe(120);
    expect(seconds(calling({ timeout: 20_500 }), 10)).toBe(36);
    // No limit: no time would be enough.
    expect(seconds(calling({ timeout: 0 }))).toBeUndefined();
  });

  it('counts requests that come in, and timeouts that routes give', () => {
    const called = calling({}, { edges: [edge('storefront/reviews', 'storefront/web', { timeout: 50_000 })] });
    expect(seconds(called)).toBe(65);
    const routed = calling(
      {},
      {
        routes: [
          {
            kind: 'http',
            namespace: 'storefront',
            name: 'slow',
            parents: [{ kind: 'service', namespace: 'storefront', name: 'reviews', port: 80 }],
            hostnames: [],
            rules: [{ matches: [], action: { kind: 'forward', backends: [] }, timeout: 90_000 }],
          },
        ],
      },
    );
    expect(seconds(routed)).toBe(105);
    expect(seconds(shop().model)).toBe(75);
  });
});

describe('Pod Security restricted', () => {
  const violations = (spec: { readonly [field: string]: unknown }) =>
    podSecurityViolations(inject(calling(), web, deployment('storefront/web', spec), { bootstrapHash: 'h' }));

  it('is reached by filling in what was left open', () => {
    expect(podSecurityViolations(deployment('storefront/web'))).not.toEqual([]);
    expect(
      violations({ initContainers: [{ name: 'migrate' }], containers: [{ name: 'app' }, { name: 'log' }] }),
    ).toEqual([]);
    const partly = { name: 'app', securityContext: { runAsUser: 1000, capabilities: { add: ['NET_BIND_SERVICE'] } } };
    expect(violations({ containers: [partly] })).toEqual([]);
  });

  it('overrides nothing that is said', () => {
    const said = {
      securityContext: { runAsNonRoot: false, seccompProfile: { type: 'Localhost', localhostProfile: 'p.json' } },
      containers: [
        { name: 'app', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['NET_RAW'] } } },
      ],
    };
    const pod = podOf(calling(), said);
    expect(pod.securityContext).toMatchObject(said.securityContext);
    expect(pod.containers[0].securityContext).toEqual(said.containers[0]?.securityContext);
  });

  it('leaves alone what asks for more, and lets it start', () => {
    const root = { name: 'root', securityContext: { runAsUser: 0 } };
    const privileged = { name: 'privileged', securityContext: { privileged: true, runAsUser: 1 } };
    const admin = { name: 'admin', securityContext: { capabilities: { add: ['NET_ADMIN'] } } };
    const pod = podOf(calling(), { containers: [root, privileged, admin, { name: 'app' }] });
    // Were the pod to say `runAsNonRoot`, the kubelet would refuse to start the container that is root.
    expect(pod.securityContext.runAsNonRoot).toBeUndefined();
    expect(pod.containers.map(({ securityContext }: Manifest) => securityContext)).toEqual([
      root.securityContext,
      privileged.securityContext,
      admin.securityContext,
      { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true },
    ]);
  });
});

describe('laws of injection', () => {
  const { model: of, pods } = shop();
  const capture = {
    kind: 'transparent',
    excludeInboundPorts: [],
    excludeOutboundPorts: [],
    excludeOutboundAddresses: [],
  } as const;
  const context = fc.record(
    {
      runAsUser: fc.constantFrom(0, 1000),
      runAsNonRoot: fc.boolean(),
      seccompProfile: fc.constant({ type: 'RuntimeDefault' }),
      sysctls: fc.constant([{ name: 'net.ipv4.ip_unprivileged_port_start', value: '80' }]),
    },
    { requiredKeys: [] },
  );
  const container = fc.record(
    {
      name: fc.constantFrom('app', 'log', 'agent'),
      env: fc.uniqueArray(
        fc.record({ name: fc.constantFrom('REVIEWS_HOST', 'REVIEWS_URL', 'OTHER'), value: fc.string() }),
        {
          selector: ({ name }) => name,
        },
      ),
      ports: fc.uniqueArray(fc.record({ name: fc.constant('web'), containerPort: fc.constantFrom(3000, 8080) }), {
        maxLength: 1,
      }),
      securityContext: fc.record(
        {
          privileged: fc.boolean(),
          allowPrivilegeEscalation: fc.boolean(),
          runAsUser: fc.constantFrom(0, 1000),
          capabilities: fc.record({ add: fc.subarray(['NET_ADMIN', 'NET_BIND_SERVICE']) }, { requiredKeys: [] }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['name'] },
  );
  const spec = fc.record(
    {
      containers: fc.array(container, { minLength: 1, maxLength: 3 }),
      initContainers: fc.array(container, { maxLength: 2 }),
      securityContext: context,
      hostAliases: fc.array(
        fc.record({ ip: fc.ipV4(), hostnames: fc.array(fc.constantFrom('reviews', 'orders.backoffice', 'printer')) }),
        { maxLength: 2 },
      ),
      hostNetwork: fc.boolean(),
      terminationGracePeriodSeconds: fc.nat(200),
      volumes: fc.constant([{ name: 'data', emptyDir: {} }]),
      serviceAccountName: fc.constantFrom('default', 'web'),
    },
    { requiredKeys: ['containers'] },
  );
  const meshes = fc.constantFrom(of, shop({ capture }).model);
  const members = fc.constantFrom(...pods.map(({ member }) => member));

  it('applied again it changes nothing, and it never touches its input', () => {
    fc.assert(
      fc.property(meshes, members, spec, (mesh, member, given) => {
        const manifest = frozen(deployment('storefront/web', given));
        const once = frozen(inject(mesh, member, manifest, { bootstrapHash: 'h' }));
        expect(inject(mesh, member, once, { bootstrapHash: 'h' })).toEqual(once);
      }),
      { numRuns: 200 },
    );
  });

  it('each name leads to one address only, unless the author of the pod says otherwise', () => {
    fc.assert(
      fc.property(members, spec, (member, given) => {
        const { hostAliases = [] } = inject(of, member, deployment('storefront/web', given), { bootstrapHash: 'h' })
          .spec.template.spec;
        const said: readonly string[] = (given.hostAliases ?? []).flatMap(({ hostnames }) => hostnames);
        const added = hostAliases.slice((given.hostAliases ?? []).filter(({ ip }) => !isMesh(ip)).length);
        const own = added.flatMap(({ hostnames }: { hostnames: string[] }) => hostnames);
        expect(new Set(own).size).toBe(own.length);
        const kept = (given.hostAliases ?? []).some(({ ip }) => isMesh(ip)) ? [] : said;
        expect(own.filter((name: string) => kept.includes(name))).toEqual([]);
      }),
    );
  });

  it('facts of a pod are the same before and after', () => {
    fc.assert(
      fc.property(meshes, members, spec, (mesh, member, given) => {
        const manifest = deployment('storefront/web', given);
        const before = podFacts(member, manifest);
        const after = podFacts(member, inject(mesh, member, manifest, { bootstrapHash: 'h' }));
        expect(after.ports).toEqual(before.ports);
        expect(after.hostNetwork).toBe(before.hostNetwork);
        expect(after.object).toBe(before.object);
      }),
    );
  });

  it('a new service moves nothing in the pods of others', () => {
    const more = model({
      ...of,
      mesh: of.mesh,
      services: [...of.services, service('storefront/new', [port(1)])],
      workloads: [...of.workloads, workload('storefront/job')],
      edges: [...of.edges, edge('storefront/job', 'storefront/new')],
    });
    for (const { member, manifest } of pods) {
      expect(inject(more, member, manifest, { bootstrapHash: 'h' })).toEqual(
        inject(of, member, manifest, { bootstrapHash: 'h' }),
      );
    }
  });
});

describe('facts of a pod', () => {
  it('are what its containers declare', () => {
    const manifest = deployment('storefront/web', {
      serviceAccountName: 'shop',
      hostNetwork: true,
      initContainers: [
        { name: 'migrate', ports: [{ containerPort: 1 }], env: [{ name: 'A', value: '1' }] },
        { name: 'cache', restartPolicy: 'Always', ports: [{ containerPort: 6379 }] },
      ],
      containers: [
        {
          name: 'app',
          ports: [
            { containerPort: 8080 },
            { containerPort: 53, protocol: 'UDP' },
            { containerPort: 443, protocol: 'TCP' },
          ],
          env: [
            { name: 'REVIEWS', value: 'reviews:80' },
            { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
          ],
        },
        { name: 'log', ports: [{ containerPort: 443 }] },
      ],
    });
    expect(podFacts(web, manifest)).toEqual({
      member: web,
      object: 'Deployment storefront/web',
      ports: [443, 6379, 8080],
      env: [
        { name: 'A', value: '1' },
        { name: 'REVIEWS', value: 'reviews:80' },
      ],
      hostNetwork: true,
      serviceAccount: 'shop',
      labels: { app: 'web' },
    });
  });

  it('name the namespace of the member where the object names none', () => {
    const { namespace: _, ...metadata } = deployment('storefront/web').metadata;
    const facts = podFacts(web, { ...deployment('storefront/web'), metadata });
    expect(facts).toEqual({
      member: web,
      object: 'Deployment storefront/web',
      ports: [],
      env: [],
      hostNetwork: false,
      labels: { app: 'web' },
    });
  });
});

function isMesh(ip: string): boolean {
  const [first, second = 0] = ip.split('.').map(Number);
  return first === 127 && second >= 64 && second < 128;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) frozen(child);
  }
  return value;
}
