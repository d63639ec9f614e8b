import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, lchownSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BootstrapOptions, bootstrap, type MeshProxy } from '../../../lib/envoy';
import { captureContainer, proxyUser } from '../../../lib/kubernetes/running';
import { type Identity, type Model, names, type Ref } from '../../../lib/model';
import { MemorySource } from '../../../proxy/sources/memory';
import { endpointsKey } from '../../../proxy/sources/source';
import { Container, volumeOf } from '../../support/envoy/container';
import { envoyPath } from '../../support/envoy/tools';
import { accessPolicy, edge, model, port, service, workload } from '../../support/model-builder';
import { until } from '../../support/wait';
import { startControlPlane } from './control-plane';

/**
 * Pods whose traffic is captured, for real: network namespaces joined by a bridge, nftables rules set by the very script of the init
 * container, Envoy as the user that the rules know, applications as another. It is to be the first process of a network and a PID
 * namespace of its own, so that nothing outlives it. Prints one line of JSON: who has got which answer.
 *
 *     web 10.77.0.2 ──┐
 *     catalog 10.77.0.3 ──┤ bridge 10.77.0.1 (the node: kubelet, control plane), 10.77.0.9 (a neighbour without a sidecar)
 */

const node = '10.77.0.1';
const neighbour = '10.77.0.9';
const addresses = { web: '10.77.0.2', catalog: '10.77.0.3' } as const;
const clusterAddresses = { catalog: '10.96.0.10', unknown: '10.96.0.99' } as const;

const capture = {
  kind: 'transparent',
  excludeInboundPorts: [],
  excludeOutboundPorts: [],
  excludeOutboundAddresses: [],
} as const;
const probed = { containers: [{ name: 'app', readinessProbe: { tcpSocket: { port: 8080 } } }] };

const web = workload('web', { capture });
const catalog = service('catalog', {
  capture,
  ports: [port('http'), port('http', 9090, { name: 'admin', port: 9090 }), port('tcp', 5432)],
});

function mesh(mutualTls: 'strict' | 'permissive'): Model {
  return model({
    services: [{ ...catalog, mutualTls }],
    workloads: [web],
    edges: [edge(web, catalog), edge(web, catalog, { port: 5432 })],
    accessPolicies: [
      accessPolicy(catalog, { outsidePorts: [{ port: 7001, protocol: 'tcp', from: [{ kind: 'anyone' }] }] }),
    ],
  });
}

type PodName = keyof typeof addresses;

const children: ChildProcess[] = [];

/** A network namespace with a wire to the bridge: as a container runtime makes it. */
function networkOf(name: PodName): number {
  const holder = spawn('unshare', ['-n', 'sleep', '300'], { stdio: 'ignore' });
  children.push(holder);
  const { pid = 0 } = holder;
  const own = readlinkSync('/proc/self/ns/net');
  while (readlinkSync(`/proc/${pid}/ns/net`) === own) execFileSync('sleep', ['0.01']);
  run('ip', ['link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  run('ip', ['link', 'set', `to-${name}`, 'master', 'bridge', 'up']);
  inside(pid, 'ip', ['link', 'set', 'lo', 'up']);
  inside(pid, 'ip', ['address', 'add', `${addresses[name]}/24`, 'dev', 'eth0']);
  inside(pid, 'ip', ['link', 'set', 'eth0', 'up']);
  inside(pid, 'ip', ['route', 'add', 'default', 'via', node]);
  const script = String(captureContainer(capture, probed).args);
  const netAdmin = ['--bounding-set=-all,+net_admin', '--inh-caps=-all', '--no-new-privs'];
  inside(pid, 'setpriv', [...netAdmin, '/bin/sh', '-euc', script], { HOST_IPS: node });
  return pid;
}

function run(command: string, args: readonly string[], env: object = {}): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
}

function inside(pid: number, command: string, args: readonly string[], env: object = {}): string {
  return run('nsenter', ['--target', String(pid), '--net', command, ...args], env);
}

/** Runs in a pod's network as a user, until this process ends. */
function daemon(pid: number, user: number, command: string, args: readonly string[]): ChildProcess {
  const as = ['setpriv', '--reuid', String(user), '--regid', String(user), '--clear-groups'];
  const child = spawn('nsenter', ['--target', String(pid), '--net', ...as, command, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  return child;
}

const applicationUser = 1_000;

const httpServer = `
const { createServer } = require('node:http');
const serve = (port) => createServer((request, response) => response.end(JSON.stringify({
  port, caller: request.headers['x-forwarded-client-cert'] ?? 'unknown', host: request.headers.host,
}))).listen(port, '0.0.0.0');
[8080, 9090].forEach(serve);
for (const port of [5432, 7001, 6666]) require('node:net').createServer((socket) => socket.on('error', () => {}).end('hello from ' + port)).listen(port, '0.0.0.0');
`;

const client = `
const [address, port, from, kind, says] = process.argv.slice(1);
const tell = (answer) => { console.log(JSON.stringify(answer)); process.exit(0); };
setTimeout(() => tell({ error: 'no answer' }), 5000);
const local = from ? { localAddress: from } : {};
if (kind === 'tcp') {
  let heard = '';
  const socket = require('node:net').connect({ host: address, port: Number(port), ...local });
  if (says) socket.write(says);
  socket.on('data', (part) => { heard += part; }).on('error', () => {}).on('close', () => tell({ heard }));
} else require('node:http').get({ host: address, port: Number(port), headers: { host: 'catalog' }, ...local }, (response) => {
  let text = '';
  response.on('data', (part) => { text += part; }).on('end', () => tell({ status: response.statusCode, text }));
}).on('error', (error) => tell({ error: error.code }));
`;

interface Attempt {
  readonly address: string;
  readonly port: number;
  readonly from?: string;
  readonly kind?: 'http' | 'tcp';
  /** Over TCP: what the client says. Absent: it waits for the other to speak. */
  readonly says?: string;
}

function asked(pid: number | undefined, { address, port: at, from = '', kind = 'http', says = '' }: Attempt): unknown {
  const script = [process.execPath, '-e', client, address, String(at), from, kind, says];
  const [command = '', ...args] =
    pid === undefined
      ? script
      : [
          'nsenter',
          '--target',
          String(pid),
          '--net',
          'setpriv',
          '--reuid',
          String(applicationUser),
          '--clear-groups',
          ...script,
        ];
  return JSON.parse(run(command, args));
}

function owned(folder: string): void {
  lchownSync(folder, proxyUser, proxyUser);
  if (!statSync(folder).isDirectory()) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (existsSync(path) && !statSync(path).isSymbolicLink()) owned(path);
    else lchownSync(path, proxyUser, proxyUser);
  }
}

async function main(): Promise<void> {
  run('ip', ['link', 'set', 'lo', 'up']);
  run('ip', ['link', 'add', 'bridge', 'type', 'bridge']);
  for (const address of [node, neighbour]) run('ip', ['address', 'add', `${address}/24`, 'dev', 'bridge']);
  run('ip', ['link', 'set', 'bridge', 'up']);
  const pods = { web: networkOf('web'), catalog: networkOf('catalog') };

  const source = new MemorySource();
  const tell = (mutualTls: 'strict' | 'permissive') => source.setModel(mesh(mutualTls));
  tell('strict');
  source.setServiceAddresses(catalog, [clusterAddresses.catalog]);
  const inboundPorts = names.inboundPorts([8080, 9090, 5432]);
  for (const { port: number, targetPort } of catalog.ports) {
    const key = endpointsKey({ kind: 'service', service: { namespace: 'shop', name: 'catalog' }, port: number });
    const at = inboundPorts.get(targetPort) ?? 0;
    source.setEndpoints(key, [{ address: addresses.catalog, port: at, meshed: true, state: 'ready' }]);
  }
  const controlPlane = await startControlPlane(source, { address: node });
  const containers: Container[] = [];
  const start = async (
    pod: Ref,
    pid: number,
    identity: Identity,
    proxy: MeshProxy,
    applicationPorts: readonly number[],
  ) => {
    source.setProxy(pod, { proxy, binding: { kind: 'pod', applicationPorts } });
    const container = new Container();
    containers.push(container);
    const options: BootstrapOptions = {
      kind: 'sidecar',
      cluster: `${pod.namespace}/${pod.name}`,
      controlPlane: { host: node, port: controlPlane.port },
      paths: container.paths,
    };
    container.project(volumeOf(options, { token: controlPlane.token(pod, identity), trust: controlPlane.trust }));
    const file = join(container.paths.config, 'start.json');
    writeFileSync(file, JSON.stringify(bootstrap(options)));
    owned(join(file, '../..'));
    chownSync(join(file, '../..'), proxyUser, proxyUser);
    const envoy = daemon(pid, proxyUser, envoyPath(), [
      '-c',
      file,
      '--concurrency',
      '1',
      '--service-node',
      pod.name,
      '--disable-hot-restart',
      '-l',
      'warning',
    ]);
    let said = '';
    envoy.stderr?.on('data', (part: Buffer) => {
      said += part.toString();
    });
    envoy.on('exit', (code) => {
      if (!ending) process.stderr.write(`the proxy of ${pod.name} has ended with ${code}:\n${said}`);
    });
  };
  const member = (kind: 'service' | 'workload', name: string) =>
    ({ kind: 'sidecar', member: { kind, namespace: 'shop', name } }) as const;
  try {
    daemon(pods.catalog, applicationUser, process.execPath, ['-e', httpServer]);
    const of = (name: string): Identity => ({ namespace: 'shop', serviceAccount: name });
    await start({ namespace: 'shop', name: 'web-0' }, pods.web, of('web'), member('workload', 'web'), []);
    await start(
      { namespace: 'shop', name: 'catalog-0' },
      pods.catalog,
      of('catalog'),
      member('service', 'catalog'),
      [8080, 9090, 5432],
    );
    const settled = () =>
      until('both proxies', async () => (await controlPlane.unsettled()).size === 0, { patience: 20_000 });
    await settled();

    const answers: { [what: string]: unknown } = {};
    const { catalog: called } = addresses;
    const ready = (pid: number, address: string) =>
      (asked(pid, { address, port: 15_021 }) as { status?: number }).status !== undefined;
    await until('the readiness of both', () => ready(pods.web, addresses.web) && ready(pods.web, addresses.catalog));
    answers['web to the address of the service'] = asked(pods.web, { address: clusterAddresses.catalog, port: 80 });
    answers['web to another port of the service'] = asked(pods.web, { address: clusterAddresses.catalog, port: 9090 });
    answers['web to a server that speaks first'] = asked(pods.web, {
      address: clusterAddresses.catalog,
      port: 5432,
      kind: 'tcp',
    });
    answers['web to what it has not declared'] = asked(pods.web, { address: clusterAddresses.unknown, port: 80 });
    answers['a neighbour to the application'] = asked(undefined, { address: called, port: 8080, from: neighbour });
    answers['a neighbour to the server that speaks first'] = asked(undefined, {
      address: called,
      port: 5432,
      from: neighbour,
      kind: 'tcp',
      says: 'hello',
    });
    answers['a neighbour to a port that stays outside'] = asked(undefined, {
      address: called,
      port: 7001,
      from: neighbour,
      kind: 'tcp',
    });
    answers['a neighbour to a port that nobody has declared'] = asked(undefined, {
      address: called,
      port: 6666,
      from: neighbour,
      kind: 'tcp',
    });
    answers['the kubelet to the port that it probes'] = asked(undefined, { address: called, port: 8080, from: node });
    tell('permissive');
    await settled();
    answers['a neighbour, while plain text is accepted'] = asked(undefined, {
      address: called,
      port: 8080,
      from: neighbour,
    });
    answers['a neighbour to the server that speaks first, while plain text is accepted'] = asked(undefined, {
      address: called,
      port: 5432,
      from: neighbour,
      kind: 'tcp',
    });
    process.stdout.write(`${JSON.stringify(answers)}\n`);
  } finally {
    ending = true;
    await controlPlane.close();
    for (const child of children) child.kill('SIGKILL');
    for (const container of containers) container.remove();
  }
}

let ending = false;

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
