import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Binding, configurationOf, type Locality, MeshProxy, Place, type Rollout } from '../../../lib/envoy';
import { type Identity, type Model, names, type Port, Ref, upstreamsOf } from '../../../lib/model';
import { MemorySource } from '../../../proxy/sources/memory';
import { podKey } from '../../../proxy/sources/source';
import { contextOf } from '../../support/envoy/contexts';
import { brokenLaws } from '../../support/envoy/laws';
import { listening, until } from '../../support/wait';
import type { Backend, BackendOptions } from './backend';
import { type ControlPlane, type ControlPlaneOptions, Refused, startControlPlane } from './control-plane';
import { endpointsOf } from './endpoints';
import { callGrpc, type GrpcAnswer, type GrpcCall, grpcBackend } from './grpc';
import { httpBackend } from './http-backend';
import { type Answer, type Request, send, type Where } from './http-client';
import { type Instances, type Pod, population, serviceKey } from './population';
import { freePort } from './ports';
import { type ProxyProcess, startProxy } from './sidecar';
import { tcpBackend } from './tcp-backend';

export interface MeshOptions {
  readonly instances?: Instances;
  /** Where workloads and proxies that stand by themselves stand, by the name of the workload or of the proxy. */
  readonly localities?: { readonly [name: string]: Locality };
  /** What runs in the place of a backend, by service. */
  readonly applications?: { readonly [service: string]: (options: BackendOptions, port: Port) => Promise<Closable> };
  /** What backends of a port that is declared as `tls` prove themselves with, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** By `namespace/name`. */
  readonly rollouts?: { readonly [canary: string]: Rollout };
  /** Certificates that gateways serve, by `namespace/name` of the Secret: PEM. */
  readonly certificates?: { readonly [secret: string]: { readonly cert: string; readonly key: string } };
  /** Whom to trust outside, by `namespace/name` of the ConfigMap: PEM. */
  readonly authorities?: { readonly [configMap: string]: string };
  readonly controlPlane?: ControlPlaneOptions;
  /** How long a listener that has changed serves the connections that it had, in seconds. @default Envoy's, ten minutes */
  readonly drain?: number;
  /** By namespace. */
  readonly podAddresses?: { readonly [namespace: string]: readonly string[] };
}

export interface Closable {
  close(): unknown;
}

/**
 * A small whole mesh on this machine: the control plane in this process, a real Envoy for each pod, and backends that are
 * real servers. `apply` changes it while it runs, as a commit does.
 */
export class Mesh {
  readonly source = new MemorySource();
  private model: Model | undefined;
  private options: MeshOptions = {};
  private controlPlane: ControlPlane | undefined;
  private readonly running = new Map<string, Running>();
  private readonly ports = new Map<string, number>();

  static async start(model: Model, options: MeshOptions = {}): Promise<Mesh> {
    const mesh = new Mesh();
    try {
      await mesh.apply(model, options);
      return mesh;
    } catch (error) {
      await mesh.stop();
      throw error;
    }
  }

  /** Makes the mesh this one, live, and waits until every proxy has and uses what it is to have. Options not given stay. */
  async apply(model: Model, options: MeshOptions = {}): Promise<void> {
    this.options = { ...this.options, ...options };
    const pods = population(model, this.options.instances ?? {}, this.options.localities ?? {});
    expectLaws(model, pods);
    await this.assignPorts(pods);
    await this.startApplications(pods);
    this.model = model;
    // Nobody is led to an instance before its proxy serves, as a pod is an endpoint only when it is ready.
    const served = pods.filter(({ pod, proxy }) => !proxy || this.running.get(podKey(pod))?.proxy);
    this.tell(model, pods);
    this.tellEndpoints(model, served);
    this.controlPlane ??= await startControlPlane(this.source, this.options.controlPlane);
    if (served.length < pods.length) {
      await this.startProxies(pods);
      await this.settled();
      this.tellEndpoints(model, pods);
    }
    await this.settled();
    await this.stopOthers(pods);
  }

  /** Waits until every proxy has acknowledged all that it is to have, and nothing of it is warming. */
  async settled(): Promise<void> {
    // A source tells of its changes when the current turn of the event loop ends.
    await nextTurn();
    const { controlPlane } = this;
    if (!controlPlane) throw new Error('the mesh does not run');
    const proxies = [...this.running].flatMap(([key, { proxy }]) => (proxy ? [[key, proxy] as const] : []));
    let waiting = 'proxies';
    const settled = async () => {
      if (missing(await controlPlane.unsettled())) return false;
      for (const [key, proxy] of proxies) {
        for (const [name, count] of await proxy.statistics(warming)) {
          if (count === 0) continue;
          waiting = `${key}: ${name} is ${count}`;
          return false;
        }
      }
      // What a listener refers to is asked for after the listener was acknowledged.
      return !missing(await controlPlane.unsettled());
    };
    const missing = (unsettled: ReadonlyMap<string, string>) => {
      for (const [key, what] of unsettled) if (this.running.get(key)?.proxy) waiting = `${key} ${what}`;
      return proxies.some(([key]) => unsettled.has(key));
    };
    await until('every proxy to have what it is to have', settled).catch((error: Error) => {
      throw error instanceof Refused ? error : new Error(`${error.message}; ${waiting}`);
    });
    for (const { pod } of this.running.values()) {
      // Some ports of a gateway serve nothing where no route is attached to them.
      const places = pod.proxy?.kind === 'sidecar' ? pod.places : pod.places.filter(({ kind }) => kind === 'readiness');
      for (const place of pod.proxy ? places : []) {
        if (place.kind === 'application') continue;
        await listening(this.portOf(pod.pod, place), `${podKey(pod.pod)} to listen at ${Place.key(place)}`);
      }
    }
  }

  /** Port of 127.0.0.1 on which the sidecar of a caller stands in for an upstream: `catalog`, `database-0.database`, a host. */
  upstream(caller: string, callee: string, port?: number): number {
    const pod = this.podOf(caller);
    const [namespace = ''] = pod.pod.namespace.split('/');
    const upstream = upstreamsOf(this.declared, pod.identity).find(
      ({ hostnames, target }) =>
        hostnames.includes(callee) ||
        (target.kind === 'host' && target.host === callee) ||
        hostnames.includes(`${callee}.${namespace}`),
    );
    if (!upstream) throw new Error(`${caller} declares no call of ${callee}`);
    const edge = port === undefined ? upstream.edges[0] : upstream.edges.find((one) => (one.at ?? one.port) === port);
    if (!edge) throw new Error(`${caller} declares no call of ${callee} at ${port}`);
    return this.portOf(pod.pod, { kind: 'upstream', address: upstream.address, port: edge.at ?? edge.port });
  }

  /** A request as the application of a caller sends it to the name of an upstream. */
  call(caller: string, callee: string, request: Request & { readonly port?: number } = {}): Promise<Answer> {
    return send({ port: this.upstream(caller, callee, request.port) }, { host: callee, ...request });
  }

  grpc(caller: string, callee: string, call: GrpcCall & { readonly port?: number }): Promise<GrpcAnswer> {
    return callGrpc({ port: this.upstream(caller, callee, call.port), authority: callee }, call);
  }

  /** Where a gateway, a shared proxy or an egress gateway listens: by the name of its pod without the number. */
  listener(proxy: string, port: number): number {
    return this.portOf(this.podOf(proxy).pod, { kind: 'listener', port });
  }

  /** By which server name an egress gateway knows a host. */
  egressServerName(host: string): string {
    const external = this.declared.externalServices.find((one) => one.host === host);
    if (!external) throw new Error(`${host} is not declared`);
    return names.egressServerName(external);
  }

  /** Where a shared proxy serves a service. */
  shared(proxy: string, service: string, port = 80): number {
    const shared = this.declared.sharedProxies.find(({ name }) => name === proxy);
    const services = this.declared.services.filter(({ name }) => shared?.services.includes(name));
    const served = names.sharedPorts(services).find((one) => one.service.name === service && one.port === port);
    if (!served) throw new Error(`the shared proxy ${proxy} does not serve ${service}:${port}`);
    return this.listener(names.proxyObject('shared-proxy', proxy), served.at);
  }

  /** Where calls of the mesh to an instance arrive. */
  inbound(instance: string, applicationPort = 8080): Where {
    return { port: this.portOf(this.podOf(instance).pod, { kind: 'inbound', applicationPort }) };
  }

  /** All backends of a service, or one of an instance. */
  backends(name: string): readonly Backend[] {
    return [...this.running.values()].flatMap(({ pod, backends }) =>
      pod.pod.name === name || (pod.application && serviceKey(pod.application.service) === name)
        ? backends.map(({ backend }) => backend)
        : [],
    );
  }

  backend(name: string): Backend {
    const [backend] = this.backends(name);
    if (!backend) throw new Error(`there is no backend of ${name}`);
    return backend;
  }

  /** Forgets what has arrived, and what backends were told. */
  reset(): void {
    for (const { backends } of this.running.values()) {
      for (const { backend } of backends) {
        backend.received.splice(0);
        backend.reply(undefined);
      }
    }
  }

  proxy(name: string): ProxyProcess {
    const { proxy } = this.running.get(podKey(this.podOf(name).pod)) ?? {};
    if (!proxy) throw new Error(`${name} has no proxy`);
    return proxy;
  }

  /** Ends the proxy of a pod, asked or killed, and starts another in its place. */
  async restartProxy(name: string, how: 'stop' | 'kill', between?: () => Promise<unknown>): Promise<void> {
    const { pod } = this.podOf(name);
    const running = this.running.get(podKey(pod));
    if (!running?.proxy) throw new Error(`${name} has no proxy`);
    const { proxy, ...others } = running;
    await proxy[how]();
    await between?.();
    this.running.set(podKey(pod), others);
    await this.startProxies([running.pod]);
    await this.settled();
  }

  /** Of a pod's proxy: the sum of all statistics whose names match. */
  async statistic(name: string, filter: RegExp): Promise<number> {
    const found = await this.proxy(name).statistics(filter);
    return [...found.values()].reduce((sum, value) => sum + value, 0);
  }

  get certificates(): ControlPlane {
    if (!this.controlPlane) throw new Error('the mesh does not run');
    return this.controlPlane;
  }

  identity(name: string): Identity {
    return this.podOf(name).identity;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.keys()].map((key) => this.stopPod(key)));
    await this.controlPlane?.close();
    this.controlPlane = undefined;
  }

  /** What was applied last. */
  get declared(): Model {
    if (!this.model) throw new Error('the mesh does not run');
    return this.model;
  }

  /** By the name of a pod, or without its number. */
  private podOf(name: string): Pod {
    const [, last = name] = name.split('/');
    const namespace = last === name ? undefined : name.split('/')[0];
    const pods = [...this.running.values()].map(({ pod }) => pod);
    const found = pods.find(
      ({ pod }) =>
        (namespace === undefined || pod.namespace === namespace) && (pod.name === last || pod.name === `${last}-0`),
    );
    if (!found) throw new Error(`there is no pod ${name}; there are ${pods.map(({ pod }) => pod.name).join(', ')}`);
    return found;
  }

  private portOf(pod: Ref, place: Place): number {
    const port = this.ports.get(`${podKey(pod)} ${Place.key(place)}`);
    if (port === undefined) throw new Error(`${podKey(pod)} has no place ${Place.key(place)}`);
    return port;
  }

  /** A place keeps its port for as long as the mesh runs. */
  private async assignPorts(pods: readonly Pod[]): Promise<void> {
    for (const { pod, places } of pods) {
      for (const place of places) {
        const key = `${podKey(pod)} ${Place.key(place)}`;
        if (!this.ports.has(key)) this.ports.set(key, await freePort());
      }
    }
  }

  private async startApplications(pods: readonly Pod[]): Promise<void> {
    for (const pod of pods) {
      const key = podKey(pod.pod);
      const running: Running = this.running.get(key) ?? { pod, backends: [], others: new Map() };
      this.running.set(key, { ...running, pod });
      const { application } = pod;
      for (const port of application?.ports ?? []) {
        const kind = `${port.targetPort} ${port.protocol}`;
        if (!application || running.others.has(kind) || running.backends.some((one) => one.kind === kind)) continue;
        const options = this.backendOptions(pod, application, port);
        const own = this.options.applications?.[serviceKey(application.service)];
        if (own) running.others.set(kind, await own(options, port));
        else running.backends.push({ kind, backend: await backendOf(options, port) });
      }
    }
  }

  private backendOptions(pod: Pod, { service, instance }: NonNullable<Pod['application']>, port: Port): BackendOptions {
    const { certificate } = this.options;
    return {
      instance: instance.name,
      service: service.name,
      ...(instance.version === undefined ? {} : { version: instance.version }),
      port: this.portOf(pod.pod, { kind: 'application', applicationPort: port.targetPort }),
      ...(port.protocol === 'tls' && certificate ? { tls: certificate } : {}),
    };
  }

  private tell(model: Model, pods: readonly Pod[]): void {
    const { rollouts = {}, certificates = {}, authorities = {}, podAddresses = {} } = this.options;
    for (const [key, pair] of Object.entries(certificates)) {
      this.source.setCertificate(refOf(key), { certificateChain: pair.cert, privateKey: pair.key });
    }
    for (const [key, pem] of Object.entries(authorities)) this.source.setAuthority(refOf(key), pem);
    for (const [namespace, addresses] of Object.entries(podAddresses))
      this.source.setPodAddresses(namespace, addresses);
    for (const canary of model.canaries) this.source.setRollout(canary, rollouts[Ref.key(canary)]);
    for (const { pod, proxy, places, locality } of pods) {
      if (!proxy) continue;
      const assigned = places.map((place) => [Place.key(place), this.portOf(pod, place)]);
      const binding: Binding = { kind: 'assigned', ports: Object.fromEntries(assigned) };
      this.source.setProxy(pod, { proxy, binding, ...(locality && { locality }) });
    }
    this.source.setModel(model);
  }

  private tellEndpoints(model: Model, pods: readonly Pod[]): void {
    const endpoints = endpointsOf(model, pods, (pod, place) => this.portOf(pod, place));
    for (const key of this.source.state.endpoints.keys()) if (!endpoints.has(key)) this.source.setEndpoints(key, []);
    for (const [key, list] of endpoints) this.source.setEndpoints(key, list);
  }

  private async startProxies(pods: readonly Pod[]): Promise<void> {
    const { controlPlane } = this;
    if (!controlPlane) throw new Error('the control plane does not run');
    const starting = pods.map(async ({ pod, proxy, identity }) => {
      const running = this.running.get(podKey(pod));
      if (!proxy || !running || running.proxy) return;
      const name = proxy.kind === 'sidecar' ? proxy.member.name : names.proxyObject(proxy.kind, proxy.name);
      const started = await startProxy({
        kind: proxy.kind,
        cluster: `${pod.namespace}/${name}`,
        controlPlane: { host: controlPlane.host, port: controlPlane.port },
        token: controlPlane.token(pod, identity),
        trust: controlPlane.trust,
        ...(this.options.drain !== undefined && { drain: this.options.drain }),
      });
      this.running.set(podKey(pod), { ...running, proxy: started });
    });
    const outcomes = await Promise.allSettled(starting);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** What is no longer in the mesh, once nobody is led there any more. */
  private async stopOthers(pods: readonly Pod[]): Promise<void> {
    const wanted = new Set(pods.map(({ pod }) => podKey(pod)));
    const gone = [...this.running].filter(([key]) => !wanted.has(key));
    await Promise.all(gone.map(([key]) => this.stopPod(key)));
    for (const [, { pod }] of gone) this.source.removeProxy(pod.pod);
  }

  private async stopPod(key: string): Promise<void> {
    const running = this.running.get(key);
    if (!running) return;
    this.running.delete(key);
    await running.proxy?.stop();
    await Promise.all(running.backends.map(({ backend }) => backend.close()));
    for (const other of running.others.values()) await other.close();
  }
}

/** Whatever a case is about: first, what each of its proxies would be given in a pod keeps the laws of every configuration. */
function expectLaws(model: Model, pods: readonly Pod[]): void {
  for (const { proxy } of pods) {
    const broken = proxy ? brokenLaws(configurationOf(contextOf(model, proxy))) : [];
    if (proxy && broken.length > 0) throw new Error(`${MeshProxy.key(proxy)}: ${broken.join('; ')}`);
  }
}

interface Running {
  readonly pod: Pod;
  readonly proxy?: ProxyProcess;
  readonly backends: { readonly kind: string; readonly backend: Backend }[];
  readonly others: Map<string, Closable>;
}

const warming = /^(listener_manager\.total_listeners_warming|cluster_manager\.warming_clusters)$/;

function backendOf(options: BackendOptions, { protocol }: Port): Promise<Backend> {
  switch (protocol) {
    case 'http':
      return httpBackend(options);
    case 'http2':
      return httpBackend({ ...options, http2: true });
    case 'grpc':
      return grpcBackend(options);
    default:
      return tcpBackend(options);
  }
}

function refOf(key: string): Ref {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
