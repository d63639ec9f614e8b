import { describe, expect, test } from 'vitest';
import { podSecurityViolations } from '.';
import { shop } from './shop.cases';
import type { Loose } from './structural.cases';

test('nothing is wrong with a pod that is restricted', () => {
  expect(podSecurityViolations(shop().deployment)).toEqual([]);
});

test('what runs no pod is not asked', () => {
  expect(podSecurityViolations(shop().service)).toEqual([]);
});

const app = 'spec.template.spec.containers[0].securityContext';
const pod = 'spec.template.spec';

/** A change that breaks one control of the standard, and what is said of it. */
const controls: readonly (readonly [
  control: string,
  change: (pod: Loose, container: Loose) => void,
  problems: readonly string[],
])[] = [
  [
    'HostProcess, of the pod',
    (spec) => {
      spec.securityContext.windowsOptions = { hostProcess: true };
    },
    [`${pod}.securityContext.windowsOptions.hostProcess: must not be true`],
  ],
  [
    'HostProcess, of a container',
    (_, { securityContext }) => {
      securityContext.windowsOptions = { hostProcess: true };
    },
    [`${app}.windowsOptions.hostProcess: must not be true`],
  ],
  [
    'host network',
    (spec) => {
      spec.hostNetwork = true;
    },
    [`${pod}.hostNetwork: must not be true`],
  ],
  [
    'host PID',
    (spec) => {
      spec.hostPID = true;
    },
    [`${pod}.hostPID: must not be true`],
  ],
  [
    'host IPC',
    (spec) => {
      spec.hostIPC = true;
    },
    [`${pod}.hostIPC: must not be true`],
  ],
  [
    'privileged',
    (_, { securityContext }) => {
      securityContext.privileged = true;
    },
    [`${app}.privileged: must not be true`],
  ],
  [
    'host ports',
    (_, { ports }) => {
      ports[0].hostPort = 80;
    },
    ['spec.template.spec.containers[0].ports[0].hostPort: must not be set, got 80'],
  ],
  [
    'no host port',
    (_, { ports }) => {
      ports[0].hostPort = 0;
    },
    [],
  ],
  [
    'the host of a probe',
    (_, { readinessProbe }) => {
      readinessProbe.httpGet.host = '10.0.0.1';
    },
    ['spec.template.spec.containers[0].readinessProbe.httpGet.host: must not be set, got "10.0.0.1"'],
  ],
  [
    'the host of a hook',
    (_, container) => {
      container.lifecycle = { preStop: { tcpSocket: { host: 'x', port: 1 } } };
    },
    ['spec.template.spec.containers[0].lifecycle.preStop.tcpSocket.host: must not be set, got "x"'],
  ],
  [
    'AppArmor',
    (spec) => {
      spec.securityContext.appArmorProfile = { type: 'Unconfined' };
    },
    [`${pod}.securityContext.appArmorProfile.type: must be RuntimeDefault or Localhost, got "Unconfined"`],
  ],
  [
    'SELinux type',
    (spec) => {
      spec.securityContext.seLinuxOptions = { type: 'spc_t' };
    },
    [
      `${pod}.securityContext.seLinuxOptions.type: must be one of container_t, container_init_t, container_kvm_t, got "spc_t"`,
    ],
  ],
  [
    'SELinux type that is safe',
    (spec) => {
      spec.securityContext.seLinuxOptions = { type: 'container_t', level: 's0:c1,c2' };
    },
    [],
  ],
  [
    'SELinux user and role',
    (_, { securityContext }) => {
      securityContext.seLinuxOptions = { user: 'u', role: 'r' };
    },
    [`${app}.seLinuxOptions.user: must not be set`, `${app}.seLinuxOptions.role: must not be set`],
  ],
  [
    '/proc mount type',
    (_, { securityContext }) => {
      securityContext.procMount = 'Unmasked';
    },
    [`${app}.procMount: must be Default, got "Unmasked"`],
  ],
  [
    'sysctls',
    (spec) => {
      spec.securityContext.sysctls.push({ name: 'net.core.somaxconn', value: '1' });
    },
    [
      `${pod}.securityContext.sysctls[1]: must be one of kernel.shm_rmid_forced, net.ipv4.ip_local_port_range, net.ipv4.ip_local_reserved_ports, net.ipv4.ip_unprivileged_port_start, net.ipv4.ping_group_range, net.ipv4.tcp_fin_timeout, net.ipv4.tcp_keepalive_intvl, net.ipv4.tcp_keepalive_probes, net.ipv4.tcp_keepalive_time, net.ipv4.tcp_syncookies, got "net.core.somaxconn"`,
    ],
  ],
  [
    'volume types',
    (spec) => {
      spec.volumes.push({ name: 'x', hostPath: { path: '/' } }, { name: 'y', nfs: {} }, { name: 'z', emptyDir: {} });
    },
    ['hostPath', 'nfs'].map(
      (type, index) =>
        `${pod}.volumes[${index + 2}]: must be of type configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected, secret, got ${type}`,
    ),
  ],
  [
    'privilege escalation',
    (_, { securityContext }) => {
      securityContext.allowPrivilegeEscalation = true;
    },
    [`${app}.allowPrivilegeEscalation: must be false, got true`],
  ],
  [
    'privilege escalation that is not spoken of',
    (_, { securityContext }) => {
      securityContext.allowPrivilegeEscalation = undefined;
    },
    [`${app}.allowPrivilegeEscalation: must be false, got nothing`],
  ],
  [
    'running as non-root, said by nobody',
    (spec) => {
      spec.securityContext.runAsNonRoot = undefined;
    },
    ['initContainers', 'containers'].map(
      (kind) => `${pod}.${kind}[0].securityContext.runAsNonRoot: must be true, here or for the pod, got nothing`,
    ),
  ],
  [
    'running as non-root, denied by a container',
    (_, { securityContext }) => {
      securityContext.runAsNonRoot = false;
    },
    [`${app}.runAsNonRoot: must be true, here or for the pod, got false`],
  ],
  [
    'running as non-root, said by each container',
    (spec) => {
      spec.securityContext.runAsNonRoot = undefined;
      for (const container of [...spec.initContainers, ...spec.containers])
        container.securityContext.runAsNonRoot = true;
    },
    [],
  ],
  [
    'the user of the pod',
    (spec) => {
      spec.securityContext.runAsUser = 0;
    },
    [`${pod}.securityContext.runAsUser: must not be 0`],
  ],
  [
    'the user of a container',
    (_, { securityContext }) => {
      securityContext.runAsUser = 0;
    },
    [`${app}.runAsUser: must not be 0`],
  ],
  [
    'seccomp, said by nobody',
    (spec) => {
      spec.securityContext.seccompProfile = undefined;
    },
    ['initContainers', 'containers'].map(
      (kind) =>
        `${pod}.${kind}[0].securityContext.seccompProfile.type: must be RuntimeDefault or Localhost, here or for the pod, got nothing`,
    ),
  ],
  [
    'seccomp, switched off by a container',
    (_, { securityContext }) => {
      securityContext.seccompProfile = { type: 'Unconfined' };
    },
    [`${app}.seccompProfile.type: must be RuntimeDefault or Localhost, got "Unconfined"`],
  ],
  [
    'capabilities that are kept',
    (_, { securityContext }) => {
      securityContext.capabilities.drop = ['NET_RAW'];
    },
    [`${app}.capabilities.drop: must hold ALL, got ["NET_RAW"]`],
  ],
  [
    'capabilities that are not spoken of',
    (_, { securityContext }) => {
      securityContext.capabilities = undefined;
    },
    [`${app}.capabilities.drop: must hold ALL, got nothing`],
  ],
  [
    'capabilities that are added',
    (_, { securityContext }) => {
      securityContext.capabilities.add.push('NET_ADMIN');
    },
    [`${app}.capabilities.add: must hold nothing but NET_BIND_SERVICE, got "NET_ADMIN"`],
  ],
  [
    'an init container',
    ({ initContainers }) => {
      initContainers[0].securityContext.privileged = true;
    },
    [`${pod}.initContainers[0].securityContext.privileged: must not be true`],
  ],
  [
    'an ephemeral container',
    (spec, container) => {
      spec.ephemeralContainers = [{ ...structuredClone(container), name: 'debug', securityContext: undefined }];
    },
    [
      `${pod}.ephemeralContainers[0].securityContext.allowPrivilegeEscalation: must be false, got nothing`,
      `${pod}.ephemeralContainers[0].securityContext.capabilities.drop: must hold ALL, got nothing`,
    ],
  ],
];

describe('controls', () => {
  test.each(controls)('%s', (_, change, problems) => {
    const { deployment } = shop();
    const { spec } = deployment.spec.template;
    change(spec, spec.containers[0]);
    expect(podSecurityViolations(deployment)).toEqual(problems.map((problem) => `Deployment shop/web: ${problem}`));
  });

  test('the annotation of AppArmor', () => {
    const { deployment } = shop();
    const annotation = 'container.apparmor.security.beta.kubernetes.io/web';
    deployment.spec.template.metadata.annotations = { [annotation]: 'unconfined', other: 'unconfined' };
    expect(podSecurityViolations(deployment)).toEqual([
      `Deployment shop/web: spec.template.metadata.annotations["${annotation}"]: must be runtime/default or localhost/..., got "unconfined"`,
    ]);
  });
});

describe('every kind that runs pods', () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { hostNetwork: true, containers: [] } };
  const kinds: readonly [apiVersion: string, kind: string, spec: object, path: string][] = [
    ['v1', 'Pod', template.spec, 'spec'],
    ['v1', 'ReplicationController', { template }, 'spec.template.spec'],
    ['apps/v1', 'Deployment', { template }, 'spec.template.spec'],
    ['apps/v1', 'StatefulSet', { template }, 'spec.template.spec'],
    ['apps/v1', 'DaemonSet', { template }, 'spec.template.spec'],
    ['apps/v1', 'ReplicaSet', { template }, 'spec.template.spec'],
    ['batch/v1', 'Job', { template }, 'spec.template.spec'],
    ['batch/v1', 'CronJob', { jobTemplate: { spec: { template } } }, 'spec.jobTemplate.spec.template.spec'],
  ];
  test.each(kinds)('%s %s', (apiVersion, kind, spec, path) => {
    expect(podSecurityViolations({ apiVersion, kind, metadata: { name: 'x', namespace: 'shop' }, spec })).toEqual([
      `${kind} shop/x: ${path}.hostNetwork: must not be true`,
    ]);
  });
});
