import { describe, expect, test } from 'vitest';
import { gatewayApiCrds } from '../../../lib/kubernetes/generated/gateway-api-crds';
import { lawViolations, manifestProblems } from '.';
import { elsewhere, type Shop, shop } from './shop.cases';
import type { Loose } from './structural.cases';

test('nothing is wrong with a set that is right', () => {
  expect(manifestProblems(Object.values(shop()), { elsewhere, crds: gatewayApiCrds('standard') })).toEqual([]);
});

interface Case {
  readonly name: string;
  readonly change: (set: Shop & Loose) => void;
  readonly problems: readonly string[];
}

const pod = ({ deployment }: Shop): Loose => deployment.spec.template.spec;
const web = (set: Shop): Loose => pod(set).containers[0];
const containerPath = 'Deployment shop/web: spec.template.spec.containers[0]';

function check(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    test.each(cases)('$name', ({ change, problems }) => {
      const set = shop() as Shop & Loose;
      change(set);
      expect(lawViolations(Object.values(set), { elsewhere })).toEqual(problems);
    });
  });
}

check('nothing is there twice', [
  {
    name: 'the same object',
    change: (set) => {
      set.again = structuredClone(set.config);
    },
    problems: ['ConfigMap shop/web: is there 2 times'],
  },
  {
    name: 'the same object in another version of its group',
    change: (set) => {
      set.again = { ...structuredClone(set.route), apiVersion: 'gateway.networking.k8s.io/v1beta1' };
    },
    problems: ['HTTPRoute shop/web: is there 2 times'],
  },
]);

check('metadata is legal', [
  {
    name: 'the name of an object',
    change: ({ config }) => {
      config.metadata.name = 'Web';
    },
    problems: [
      'ConfigMap shop/Web: metadata.name: must be a DNS-1123 subdomain of at most 253 characters, got "Web"',
      'Deployment shop/web: spec.template.spec.volumes[0].configMap: there is no ConfigMap shop/web in the set',
      `${containerPath}.env[0]: there is no ConfigMap shop/web in the set`,
      `${containerPath}.envFrom[0]: there is no ConfigMap shop/web in the set`,
    ],
  },
  {
    name: 'no name at all',
    change: ({ policy }) => {
      policy.metadata.name = undefined;
    },
    problems: [
      'NetworkPolicy shop/(no name): metadata.name: must be a DNS-1123 subdomain of at most 253 characters, got ""',
    ],
  },
  {
    name: 'the name of a service',
    change: ({ service, route }) => {
      service.metadata.name = '1web';
      route.spec.parentRefs[0].name = '1web';
      route.spec.rules[0].backendRefs[0].name = '1web';
    },
    problems: ['Service shop/1web: metadata.name: must be a DNS-1035 label of at most 63 characters, got "1web"'],
  },
  {
    name: 'the name of a namespace',
    change: (set) => {
      set.other = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a.b' } };
    },
    problems: ['Namespace a.b: metadata.name: must be a DNS-1123 label of at most 63 characters, got "a.b"'],
  },
  {
    name: 'the name of a role',
    change: (set) => {
      set.other = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'a/b' },
        rules: [],
      };
    },
    problems: ['ClusterRole a/b: metadata.name: must be usable in a path, got "a/b"'],
  },
  {
    name: 'labels and annotations, of the object and of its pods',
    change: ({ deployment }) => {
      deployment.metadata.labels['a b'] = 'x';
      deployment.metadata.labels.long = 'x'.repeat(64);
      deployment.metadata.annotations['/x'] = 'y';
      deployment.spec.template.metadata.labels.end = 'x-';
    },
    problems: [
      'Deployment shop/web: metadata.labels: "a b" must be a name of at most 63 characters, with or without a domain before a slash',
      `Deployment shop/web: metadata.labels: long must be at most 63 letters, digits, "-", "_" and "." that start and end with a letter or digit, got "${'x'.repeat(64)}"`,
      'Deployment shop/web: metadata.annotations: "/x" must be a name of at most 63 characters, with or without a domain before a slash',
      'Deployment shop/web: spec.template.metadata.labels: end must be at most 63 letters, digits, "-", "_" and "." that start and end with a letter or digit, got "x-"',
    ],
  },
  {
    name: 'annotations that are too large together',
    change: ({ config }) => {
      config.metadata.annotations = { a: 'x'.repeat(200 * 1024), b: 'x'.repeat(60 * 1024) };
    },
    problems: [
      `ConfigMap shop/web: metadata.annotations: must be at most ${256 * 1024} bytes together, got ${260 * 1024 + 2}`,
    ],
  },
  {
    name: 'an annotation that is no text',
    change: ({ config }) => {
      config.metadata.annotations = { a: 1 };
    },
    problems: ['ConfigMap shop/web: metadata.annotations: a must be a string, got 1'],
  },
  {
    name: 'an owner, and what only a server sets',
    change: ({ config }) => {
      config.metadata.ownerReferences = [];
      config.metadata.creationTimestamp = '2026-01-01T00:00:00Z';
      config.status = {};
    },
    problems: [
      'ConfigMap shop/web: metadata.ownerReferences: must not be set',
      'ConfigMap shop/web: metadata.creationTimestamp: must not be set',
      'ConfigMap shop/web: status: must not be set',
    ],
  },
  {
    name: 'an object that is too large',
    change: ({ config }) => {
      config.data.large = 'é'.repeat(450 * 1024);
    },
    problems: [
      `ConfigMap shop/web: must be smaller than ${900 * 1024} bytes, got ${Buffer.byteLength(JSON.stringify(withLarge()))}`,
    ],
  },
]);

function withLarge(): object {
  const { config } = shop();
  config.data.large = 'é'.repeat(450 * 1024);
  return config;
}

check('namespaces', [
  {
    name: 'a namespace that nobody makes',
    change: (set) => {
      set.other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'elsewhere' } };
    },
    problems: ['ConfigMap elsewhere/x: metadata.namespace: there is no Namespace elsewhere in the set'],
  },
  {
    name: 'the namespace default is always there',
    change: (set) => {
      set.other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'default' } };
    },
    problems: [],
  },
  {
    name: 'a namespace of what lives in none',
    change: (set) => {
      set.other = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'x', namespace: 'shop' },
        rules: [],
      };
    },
    problems: ['ClusterRole shop/x: metadata.namespace: must not be set, its kind is cluster-scoped'],
  },
]);

check('pods', [
  {
    name: 'two containers of one name, one of which is no label',
    change: (set) => {
      pod(set).initContainers[0].name = 'web';
      pod(set).containers.push({ name: 'Web', image: 'x' });
    },
    problems: [
      'Deployment shop/web: spec.template.spec: container name web must not be there twice',
      'Deployment shop/web: spec.template.spec.containers[1].name: must be a DNS-1123 label, got "Web"',
    ],
  },
  {
    name: 'no container, no image',
    change: (set) => {
      pod(set).initContainers[0].image = '';
      pod(set).containers = [];
      set.service.spec.ports.pop();
    },
    problems: [
      'Deployment shop/web: spec.template.spec.containers: must hold at least one',
      'Deployment shop/web: spec.template.spec.initContainers[0].image: must be set',
    ],
  },
  {
    name: 'ports',
    change: (set) => {
      web(set).ports.push(
        { name: 'inbound', containerPort: 1 },
        { name: 'a-name-of-16-xxx', containerPort: 65536 },
        { name: '1--2', containerPort: 2 },
      );
    },
    problems: [
      'Deployment shop/web: spec.template.spec: port name inbound must not be there twice',
      `${containerPath}.ports[3].name: must be at most 15 small letters, digits and single "-", with a letter among them, got "a-name-of-16-xxx"`,
      `${containerPath}.ports[3].containerPort: must be from 1 to 65535, got 65536`,
      `${containerPath}.ports[4].name: must be at most 15 small letters, digits and single "-", with a letter among them, got "1--2"`,
    ],
  },
  {
    name: 'variables',
    change: (set) => {
      web(set).env.push(
        { name: 'LEVEL', value: 'a' },
        { name: '1A', value: 'a' },
        { name: 'B', value: 'b', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      );
    },
    problems: [
      `${containerPath}.env: LEVEL must not be there twice`,
      `${containerPath}.env: must be named with letters, digits, "-", "_" and ".", got "1A"`,
      `${containerPath}.env[3]: must have value or valueFrom, not both`,
    ],
  },
  {
    name: 'probes',
    change: (set) => {
      web(set).readinessProbe.httpGet.port = 'web';
      web(set).livenessProbe = {};
      web(set).startupProbe = { tcpSocket: { port: 1 }, exec: { command: ['true'] } };
      pod(set).initContainers.push({ name: 'init', image: 'x', readinessProbe: { tcpSocket: { port: 1 } } });
    },
    problems: [
      'Deployment shop/web: spec.template.spec.initContainers[1].readinessProbe: must not be set for an init container that is not restarted always',
      `${containerPath}.livenessProbe: must have exactly one of exec, httpGet, tcpSocket and grpc, got none`,
      `${containerPath}.readinessProbe.httpGet.port: the container has no port "web"`,
      `${containerPath}.startupProbe: must have exactly one of exec, httpGet, tcpSocket and grpc, got exec and tcpSocket`,
    ],
  },
  {
    name: 'resources',
    change: (set) => {
      web(set).resources = { requests: { cpu: '1.5', memory: '1 Gi' }, limits: { cpu: '1000m' } };
    },
    problems: [
      `${containerPath}.resources.requests.memory: must be a quantity such as 100m or 64Mi, got "1 Gi"`,
      `${containerPath}.resources.requests.cpu: must not be more than the limit 1000m, got 1.5`,
    ],
  },
  {
    name: 'the pod of a CronJob',
    change: (set) => {
      const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: '' }] } };
      set.job = {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'nightly', namespace: 'shop' },
        spec: { schedule: '0 0 * * *', jobTemplate: { spec: { template } } },
      };
    },
    problems: ['CronJob shop/nightly: spec.jobTemplate.spec.template.spec.containers[0].image: must be set'],
  },
]);

check('volumes', [
  {
    name: 'names and mounts',
    change: (set) => {
      pod(set).volumes.push({ name: 'config', emptyDir: {} }, { name: 'Tmp', emptyDir: {} });
      web(set).volumeMounts.push({ name: 'cache', mountPath: '/cache' }, { name: 'token', mountPath: '/etc/web' });
    },
    problems: [
      'Deployment shop/web: spec.template.spec.volumes: config must not be there twice',
      'Deployment shop/web: spec.template.spec.volumes: name must be a DNS-1123 label, got "Tmp"',
      `${containerPath}.volumeMounts: the pod has no volume cache`,
      `${containerPath}.volumeMounts: /etc/web must not be mounted twice`,
    ],
  },
  {
    name: 'the mount of an init container',
    change: (set) => {
      pod(set).initContainers[0].volumeMounts[0].name = 'tokens';
    },
    problems: ['Deployment shop/web: spec.template.spec.initContainers[0].volumeMounts: the pod has no volume tokens'],
  },
  {
    name: 'what volumes and variables come from',
    change: (set) => {
      pod(set).volumes.push(
        { name: 'a', secret: { secretName: 'tls' } },
        { name: 'b', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'c', projected: { sources: [{ secret: { name: 'key' } }] } },
        { name: 'd', secret: { secretName: 'maybe', optional: true } },
      );
      pod(set).volumes[0].configMap.items[0].key = 'nope';
      web(set).env.push(
        { name: 'KEY', valueFrom: { secretKeyRef: { name: 'key', key: 'k' } } },
        { name: 'L', valueFrom: { configMapKeyRef: { name: 'web', key: 'level' } } },
      );
    },
    problems: [
      'Deployment shop/web: spec.template.spec.volumes[0].configMap: ConfigMap shop/web has no key "nope"',
      'Deployment shop/web: spec.template.spec.volumes[2].secret: there is no Secret shop/tls in the set',
      'Deployment shop/web: spec.template.spec.volumes[3]: there is no PersistentVolumeClaim shop/data in the set',
      'Deployment shop/web: spec.template.spec.volumes[4].projected.sources[0].secret: there is no Secret shop/key in the set',
      `${containerPath}.env[1]: there is no Secret shop/key in the set`,
      `${containerPath}.env[2]: ConfigMap shop/web has no key "level"`,
    ],
  },
  {
    name: 'the claims of a stateful set are volumes',
    change: (set) => {
      set.deployment.kind = 'StatefulSet';
      set.deployment.spec.serviceName = 'web';
      set.deployment.spec.volumeClaimTemplates = [{ metadata: { name: 'data' } }];
      set.scaler.spec.scaleTargetRef.kind = 'StatefulSet';
      web(set).volumeMounts.push({ name: 'data', mountPath: '/data' });
    },
    problems: [],
  },
]);

check('selectors', [
  {
    name: 'a workload that does not select its own pods',
    change: ({ deployment }) => {
      deployment.spec.selector.matchLabels.version = 'v1';
    },
    problems: [
      'Deployment shop/web: spec.selector: does not select the labels of its own template, {"app":"web","app.kubernetes.io/version":"v1"}',
    ],
  },
  {
    name: 'a workload that selects all',
    change: ({ deployment }) => {
      deployment.spec.selector = {};
    },
    problems: ['Deployment shop/web: spec.selector: must select something'],
  },
  {
    name: 'two workloads that select the same pods',
    change: (set) => {
      set.other = structuredClone(set.deployment);
      set.other.metadata.name = 'web-2';
      set.other.spec.selector.matchLabels['app.kubernetes.io/version'] = 'v2';
      set.other.spec.template.metadata.labels['app.kubernetes.io/version'] = 'v2';
    },
    problems: ['Deployment shop/web: spec.selector: selects the pods of Deployment shop/web-2 too'],
  },
  {
    name: 'the service of a stateful set',
    change: ({ deployment, scaler }) => {
      deployment.kind = 'StatefulSet';
      deployment.spec.serviceName = 'peers';
      scaler.spec.scaleTargetRef.kind = 'StatefulSet';
    },
    problems: ['StatefulSet shop/web: spec.serviceName: there is no Service shop/peers in the set'],
  },
  {
    name: 'a service that selects nothing',
    change: ({ service }) => {
      service.spec.selector.app = 'wbe';
    },
    problems: ['Service shop/web: spec.selector: selects no pod of the set: {"app":"wbe"}'],
  },
  {
    name: 'a service in another namespace',
    change: (set) => {
      set.other = structuredClone(set.service);
      set.other.metadata.namespace = 'default';
    },
    problems: ['Service default/web: spec.selector: selects no pod of the set: {"app":"web"}'],
  },
  {
    name: 'a service without a selector',
    change: ({ service }) => {
      service.spec.selector = undefined;
    },
    problems: [],
  },
  {
    name: 'the ports of a service',
    change: ({ service }) => {
      service.spec.ports.push({ name: 'http', port: 81 }, { port: 80, targetPort: 'nope' });
    },
    problems: [
      'Service shop/web: spec.ports: name http must not be there twice',
      'Service shop/web: spec.ports: 80/TCP must not be there twice',
      'Service shop/web: spec.ports: each must have a name, being more than one',
      'Service shop/web: spec.ports[3].targetPort: Deployment shop/web has no port named nope',
    ],
  },
  {
    name: 'a port of a container that does not stay up',
    change: (set) => {
      pod(set).initContainers[0].restartPolicy = undefined;
      pod(set).initContainers[0].startupProbe = undefined;
    },
    problems: [
      'Service shop/web: spec.ports[0].targetPort: Deployment shop/web has no port named inbound',
      'NetworkPolicy shop/web: spec.ingress[0].ports[0].port: no selected pod has a port named inbound',
    ],
  },
  {
    name: 'a network policy for no pod',
    change: ({ policy }) => {
      policy.spec.podSelector.matchLabels.app = 'db';
    },
    problems: ['NetworkPolicy shop/web: spec.podSelector: selects no pod of the set: {"matchLabels":{"app":"db"}}'],
  },
  {
    name: 'a network policy for every pod',
    change: ({ policy }) => {
      policy.spec.podSelector = {};
      policy.spec.ingress = [];
    },
    problems: [],
  },
  {
    name: 'a network policy for a port that has no legal name',
    change: ({ policy }) => {
      policy.spec.ingress[0].ports[0].port = '80';
    },
    problems: ['NetworkPolicy shop/web: spec.ingress[0].ports[0].port: must be the name of a port, got "80"'],
  },
  {
    name: 'a disruption budget and an autoscaler of nothing',
    change: ({ budget, scaler }) => {
      budget.spec.selector.matchExpressions[0].operator = 'NotIn';
      scaler.spec.scaleTargetRef.name = 'wbe';
    },
    problems: [
      'PodDisruptionBudget shop/web: spec.selector: selects no pod of the set: {"matchExpressions":[{"key":"app","operator":"NotIn","values":["web"]}]}',
      'HorizontalPodAutoscaler shop/web: spec.scaleTargetRef: there is no Deployment shop/wbe in the set',
    ],
  },
]);

check('accounts', [
  {
    name: 'the account of a pod',
    change: (set) => {
      pod(set).serviceAccountName = 'wbe';
    },
    problems: [
      'Deployment shop/web: spec.template.spec.serviceAccountName: there is no ServiceAccount shop/wbe in the set',
    ],
  },
  {
    name: 'the role and the subject of a binding',
    change: ({ binding }) => {
      binding.roleRef.name = 'shop:wbe';
      binding.subjects[0].name = 'wbe';
    },
    problems: [
      'RoleBinding shop/shop:web: roleRef: there is no Role shop/shop:wbe in the set',
      'RoleBinding shop/shop:web: subjects: there is no ServiceAccount shop/wbe in the set',
    ],
  },
  {
    name: 'the role and the subject of a binding for the cluster',
    change: (set) => {
      set.other = structuredClone(set.binding);
      set.other.kind = 'ClusterRoleBinding';
      set.other.metadata = { name: 'web' };
      set.other.roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'nope' };
      set.other.subjects[0].namespace = undefined;
    },
    problems: [
      'ClusterRoleBinding web: roleRef: there is no ClusterRole nope in the set',
      'ClusterRoleBinding web: subjects: ServiceAccount web must have a namespace',
    ],
  },
  {
    name: 'a role that every cluster has',
    change: ({ binding }) => {
      binding.roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' };
    },
    problems: [],
  },
]);

check('references', [
  {
    name: 'a backend that is not there, a port that it does not have',
    change: ({ route }) => {
      route.spec.rules[0].backendRefs.push({ name: 'wbe', port: 80 }, { name: 'web', port: 8080 });
    },
    problems: [
      'HTTPRoute shop/web: spec.rules[0].backendRefs[1]: there is no Service shop/wbe in the set',
      'HTTPRoute shop/web: spec.rules[0].backendRefs[2]: Service shop/web has no port 8080; it has 80, 9090',
    ],
  },
  {
    name: 'a parent of the default kind',
    change: ({ route }) => {
      route.spec.parentRefs = [{ name: 'public', namespace: 'edge' }];
    },
    problems: ['HTTPRoute shop/web: spec.parentRefs[0]: there is no Gateway edge/public in the set'],
  },
  {
    name: 'a filter of our own, and what it is about',
    change: (set) => {
      set.route.spec.rules[0].filters = [
        { type: 'ExtensionRef', extensionRef: { group: 'meshwright.dev', kind: 'RouteFilter', name: 'slow' } },
      ];
      set.traffic = {
        apiVersion: 'meshwright.dev/v1alpha1',
        kind: 'TrafficPolicy',
        metadata: { name: 'x', namespace: 'shop' },
        spec: { targetRefs: [{ group: '', kind: 'Service', name: 'wbe' }] },
      };
    },
    problems: [
      'HTTPRoute shop/web: spec.rules[0].filters[0].extensionRef: there is no RouteFilter shop/slow in the set',
      'TrafficPolicy shop/x: spec.targetRefs[0]: there is no Service shop/wbe in the set',
    ],
  },
]);

describe('what is made elsewhere', () => {
  const missing =
    'Deployment shop/web: spec.template.spec.volumes[1].projected.sources[1].configMap: there is no ConfigMap shop/trust in the set';
  const known: readonly [string, readonly string[], readonly string[]][] = [
    ['nothing', [], [missing]],
    ['in every namespace', ['ConfigMap */trust'], []],
    ['in this namespace', ['ConfigMap shop/trust'], []],
    ['in another namespace', ['ConfigMap default/trust'], [missing]],
    ['of another kind', ['Secret */trust'], [missing]],
  ];
  test.each(known)('%s', (_, list, problems) => {
    expect(lawViolations(Object.values(shop()), { elsewhere: list })).toEqual(problems);
  });
});

test('everything that is wrong is said at once, by every judge', () => {
  const { namespace, deployment } = shop();
  deployment.spec.replicas = '2';
  deployment.spec.template.spec.containers[0].securityContext.privileged = true;
  deployment.spec.template.spec.serviceAccountName = 'wbe';
  deployment.spec.template.spec.containers[0].env = [];
  deployment.spec.template.spec.containers[0].envFrom = [];
  deployment.spec.template.spec.volumes.shift();
  deployment.spec.template.spec.containers[0].volumeMounts = [];
  expect(manifestProblems([namespace, deployment], { elsewhere })).toEqual([
    'Deployment shop/web: spec.replicas: must be of type integer, got "2"',
    `${containerPath}.securityContext.privileged: must not be true`,
    'Deployment shop/web: spec.template.spec.serviceAccountName: there is no ServiceAccount shop/wbe in the set',
  ]);
});
