import { at, child, type Fields, fields, isFields, items, text } from './json';
import { nameOf } from './objects';
import { type Container, containersOf, type PodTemplate, podTemplateOf } from './pods';
import { show } from './schema/values';

/**
 * What keeps the pods of an object out of a namespace that enforces the Pod Security Standard `restricted`: each control of
 * the standard from Kubernetes 1.29 on, with what later versions added to it, and without what they came to allow.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function podSecurityViolations(object: object): string[] {
  const template = podTemplateOf(object);
  if (!template) return [];
  const faults = [
    ...podFaults(template),
    ...containersOf(template).flatMap((container) => containerFaults(container, template)),
  ];
  return faults.map((fault) => `${nameOf(object)}: ${fault}`);
}

/** Sysctls that affect no pod but the one that sets them; 1.32 allows more. */
const safeSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_syncookies',
];

const volumeTypes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const profileTypes = ['RuntimeDefault', 'Localhost'];

function podFaults({ spec, annotations, path }: PodTemplate): string[] {
  const context = fields(spec.securityContext);
  const faults = ['hostNetwork', 'hostPID', 'hostIPC']
    .filter((name) => spec[name])
    .map((name) => `${path}.${name}: must not be true`);
  for (const [index, volume] of items(spec.volumes).entries()) {
    const type = Object.keys(fields(volume)).find((key) => key !== 'name');
    if (type !== undefined && volumeTypes.includes(type)) continue;
    faults.push(`${child(`${path}.volumes`, index)}: must be of type ${volumeTypes.join(', ')}, got ${type ?? 'none'}`);
  }
  for (const [index, sysctl] of items(context.sysctls).entries()) {
    if (safeSysctls.includes(text(sysctl, 'name'))) continue;
    faults.push(
      `${child(`${path}.securityContext.sysctls`, index)}: must be one of ${safeSysctls.join(', ')}, got ${show(text(sysctl, 'name'))}`,
    );
  }
  for (const [key, value] of Object.entries(annotations)) {
    const isAppArmor = key.startsWith('container.apparmor.security.beta.kubernetes.io/');
    if (!isAppArmor || value === '' || value === 'runtime/default' || String(value).startsWith('localhost/')) continue;
    faults.push(
      `${path.replace(/spec$/, '')}metadata.annotations["${key}"]: must be runtime/default or localhost/..., got ${show(value)}`,
    );
  }
  return [...faults, ...sharedContextFaults(context, `${path}.securityContext`)];
}

/** What the security contexts of a pod and of a container have in common. */
function sharedContextFaults(context: Fields, path: string): string[] {
  const faults: string[] = [];
  const { type = '', user = '', role = '' } = fields(context.seLinuxOptions);
  if (!seLinuxTypes.includes(String(type)))
    faults.push(`${path}.seLinuxOptions.type: must be one of ${seLinuxTypes.slice(1).join(', ')}, got ${show(type)}`);
  if (user !== '') faults.push(`${path}.seLinuxOptions.user: must not be set`);
  if (role !== '') faults.push(`${path}.seLinuxOptions.role: must not be set`);
  if (at(context, 'windowsOptions', 'hostProcess')) faults.push(`${path}.windowsOptions.hostProcess: must not be true`);
  if (context.runAsUser === 0) faults.push(`${path}.runAsUser: must not be 0`);
  for (const profile of ['seccompProfile', 'appArmorProfile']) {
    const profileType = at(context, profile, 'type');
    if (profileType === undefined || profileTypes.includes(String(profileType))) continue;
    faults.push(`${path}.${profile}.type: must be RuntimeDefault or Localhost, got ${show(profileType)}`);
  }
  return faults;
}

function containerFaults(container: Container, { spec }: PodTemplate): string[] {
  const context = fields(container.fields.securityContext);
  const ofPod = fields(spec.securityContext);
  const path = `${container.path}.securityContext`;
  const faults = sharedContextFaults(context, path);
  if (context.privileged) faults.push(`${path}.privileged: must not be true`);
  if (context.allowPrivilegeEscalation !== false)
    faults.push(`${path}.allowPrivilegeEscalation: must be false, got ${show(context.allowPrivilegeEscalation)}`);
  const nonRoot = context.runAsNonRoot ?? ofPod.runAsNonRoot;
  if (nonRoot !== true) faults.push(`${path}.runAsNonRoot: must be true, here or for the pod, got ${show(nonRoot)}`);
  if (at(context, 'seccompProfile', 'type') === undefined && at(ofPod, 'seccompProfile', 'type') === undefined) {
    faults.push(`${path}.seccompProfile.type: must be RuntimeDefault or Localhost, here or for the pod, got nothing`);
  }
  const procMount = context.procMount ?? 'Default';
  if (procMount !== 'Default') faults.push(`${path}.procMount: must be Default, got ${show(procMount)}`);
  faults.push(...capabilityFaults(fields(context.capabilities), `${path}.capabilities`));
  for (const [index, port] of items(container.fields.ports).entries()) {
    const hostPort = at(port, 'hostPort') ?? 0;
    if (hostPort !== 0)
      faults.push(`${child(`${container.path}.ports`, index)}.hostPort: must not be set, got ${show(hostPort)}`);
  }
  return [...faults, ...hostFaults(container)];
}

function capabilityFaults({ drop, add }: Fields, path: string): string[] {
  const faults: string[] = [];
  if (!items(drop).includes('ALL')) faults.push(`${path}.drop: must hold ALL, got ${show(drop)}`);
  for (const capability of items(add)) {
    if (capability !== 'NET_BIND_SERVICE')
      faults.push(`${path}.add: must hold nothing but NET_BIND_SERVICE, got ${show(capability)}`);
  }
  return faults;
}

/** Probes and hooks that have a host could reach any; forbidden since 1.34. */
function hostFaults({ fields: container, path }: Container): string[] {
  const handlers: [string, unknown][] = [
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((name): [string, unknown] => [name, container[name]]),
    ...['postStart', 'preStop'].map((name): [string, unknown] => [`lifecycle.${name}`, at(container.lifecycle, name)]),
  ];
  return handlers.flatMap(([name, handler]) =>
    ['httpGet', 'tcpSocket']
      .filter((kind) => isFields(at(handler, kind)) && text(handler, kind, 'host') !== '')
      .map((kind) => `${path}.${name}.${kind}.host: must not be set, got ${show(text(handler, kind, 'host'))}`),
  );
}
