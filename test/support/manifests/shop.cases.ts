import type { Loose } from './structural.cases';

/** A small set of objects that is right in every way: one deployment and what belongs to it. A new copy at every call. */
export function shop(): Shop {
  return structuredClone(set) as Shop;
}

export interface Shop {
  readonly namespace: Loose;
  readonly account: Loose;
  readonly config: Loose;
  readonly role: Loose;
  readonly binding: Loose;
  readonly deployment: Loose;
  readonly service: Loose;
  readonly policy: Loose;
  readonly budget: Loose;
  readonly scaler: Loose;
  readonly route: Loose;
}

const inShop = (name: string) => ({ name, namespace: 'shop' });

const set = {
  namespace: {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  },
  account: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inShop('web') },
  config: { apiVersion: 'v1', kind: 'ConfigMap', metadata: inShop('web'), data: { 'app.yaml': 'a: 1', LEVEL: 'info' } },
  role: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: inShop('shop:web'),
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
  },
  binding: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: inShop('shop:web'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'shop:web' },
    subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }],
  },
  deployment: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...inShop('web'), labels: { app: 'web' }, annotations: { 'shop.example/note': 'any text' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web', 'app.kubernetes.io/version': 'v1' } },
        spec: {
          serviceAccountName: 'web',
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
            sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
          },
          initContainers: [
            {
              name: 'proxy',
              image: 'envoy:1.40',
              restartPolicy: 'Always',
              ports: [{ name: 'inbound', containerPort: 15006 }],
              startupProbe: { httpGet: { path: '/ready', port: 15021 } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'token', mountPath: '/var/run/token' }],
            },
          ],
          containers: [
            {
              name: 'web',
              image: 'shop/web:1.0',
              env: [{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'web', key: 'LEVEL' } } }],
              envFrom: [{ configMapRef: { name: 'web' } }],
              ports: [
                { name: 'http', containerPort: 8080 },
                { name: 'metrics', containerPort: 9090 },
              ],
              readinessProbe: { httpGet: { path: '/', port: 'http' } },
              resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
              },
              volumeMounts: [{ name: 'config', mountPath: '/etc/web' }],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: 'web', items: [{ key: 'app.yaml', path: 'app.yaml' }] } },
            {
              name: 'token',
              projected: {
                sources: [
                  { serviceAccountToken: { path: 'token', audience: 'meshwright' } },
                  { configMap: { name: 'trust' } },
                ],
              },
            },
          ],
        },
      },
    },
  },
  service: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: inShop('web'),
    spec: {
      selector: { app: 'web' },
      ports: [
        { name: 'http', port: 80, targetPort: 'inbound' },
        { name: 'metrics', port: 9090, targetPort: 'metrics' },
      ],
    },
  },
  policy: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: inShop('web'),
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 'inbound' }] }],
    },
  },
  budget: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: inShop('web'),
    spec: { minAvailable: 1, selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] } },
  },
  scaler: {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: inShop('web'),
    spec: {
      minReplicas: 2,
      maxReplicas: 4,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    },
  },
  route: {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: inShop('web'),
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'web', port: 80 }],
      rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
    },
  },
};

/** What the set refers to and does not hold. */
export const elsewhere = ['ConfigMap */trust'];
