import {
  type AccessLog,
  type Callers,
  type Capture,
  type ExternalService,
  Identity,
  Late,
  lookup,
  type Model,
  names,
  Ref,
  type Service,
  type SharedProxy,
  sharedServices,
  type Tracing,
  type Workload,
} from '../../model';
import { controlPlaneSelector } from './control-plane';
import { addresses, anyPodOfMesh, everyAddress, everyPod, everyPodIn, type Peer, podsIn } from './network-peers';
import { RuleSet } from './network-rules';
import { podsOf } from './pods-of-identity';
import { inboundPortsOf } from './runner';

/** What pods of the mesh may reach: DNS, the control plane, inbound ports of the mesh, and what is declared beside them. */
export class Egress {
  private readonly targets: ReadonlyMap<string, readonly Target[]>;
  private readonly sharedPorts: ReadonlyMap<string, number>;
  private readonly controlPlane: Peer;
  private readonly meshPods: Peer;

  constructor(
    private readonly model: Model,
    private readonly callers: Callers,
  ) {
    this.targets = targetsOf(model);
    this.sharedPorts = sharedPortsOf(model);
    this.controlPlane = podsIn(model.mesh.namespace, controlPlaneSelector);
    this.meshPods = anyPodOfMesh(model.mesh.name);
  }

  ofRunner(runner: Service | Workload, capture: Capture): RuleSet {
    const rules = this.basis(runner, 'ports' in runner ? runner : undefined);
    for (const edge of lookup(this.model).edgesFrom(runner)) {
      const external = edge.to.kind === 'externalService' ? lookup(this.model).externalService(edge.to) : undefined;
      if (external) this.allowExternal(rules, external);
    }
    if (capture.kind === 'transparent') {
      // Its author leaves these to the application, past the sidecar; no edge says what is behind them.
      for (const port of capture.excludeOutboundPorts) rules.allow(everyAddress, 'TCP', port);
      for (const range of capture.excludeOutboundAddresses) rules.allow([addresses(range)]);
    }
    return rules;
  }

  ofGateway({ namespace, name }: Ref): RuleSet {
    return this.basis({ namespace, serviceAccount: names.proxyObject('gateway', name) });
  }

  ofEgressGateway(external: readonly ExternalService[]): RuleSet {
    const rules = this.common(undefined);
    for (const { addresses: fixed, port } of external) allowAddresses(rules, fixed, port);
    return rules;
  }

  ofSharedProxy({ namespace, name }: SharedProxy, services: readonly Service[]): RuleSet {
    const rules = this.basis({ namespace, serviceAccount: names.proxyObject('shared-proxy', name) });
    for (const service of services) {
      for (const { protocol, targetPort } of service.ports) {
        if (protocol !== 'udp') rules.allow([podsOf(service)], 'TCP', targetPort);
      }
    }
    return rules;
  }

  private basis(identity: Identity, service?: Service): RuleSet {
    const rules = this.common(service);
    for (const target of this.targets.get(Identity.key(identity)) ?? []) this.allowService(rules, target);
    for (const call of this.callers.callsOf(identity)) {
      if (call.kind === 'host') this.allowHost(rules, call.host, call.port, identity.namespace);
      else this.allowService(rules, call);
    }
    for (const { host, port } of this.collectors(service)) this.allowHost(rules, host, port, identity.namespace);
    return rules;
  }

  private common(service: Service | undefined): RuleSet {
    const { mesh } = this.model;
    const rules = new RuleSet();
    // A policy sees the port of the pod that answers: 5353 is that of OpenShift's DNS. 169.254.20.10 is the usual address
    // of NodeLocal DNSCache. Servers outside the cluster are not admitted: names are a way out for data.
    for (const protocol of ['TCP', 'UDP'] as const) {
      for (const port of [53, 5353]) rules.allow([everyPod, nodeLocalDns], protocol, port);
    }
    rules.allow([this.controlPlane], 'TCP', names.ports.xds);
    if (mesh.networkPolicies === 'open') {
      rules.allow([this.meshPods], 'TCP', names.ports.firstInbound, names.ports.reserved.last);
      rules.allow([this.meshPods], 'UDP');
    }
    if (service === undefined)
      for (const { host, port } of this.collectors()) this.allowHost(rules, host, port, mesh.namespace);
    return rules;
  }

  /** Where the pods of a service, or the proxy before them, serve a port; and past it while they move into the mesh. */
  private allowService(rules: RuleSet, target: Target): void {
    const service = lookup(this.model).service(target.service);
    if (!service) return;
    const pods = [podsOf(service)];
    for (const port of service.ports) {
      if (port.protocol === 'udp') rules.allow(pods, 'UDP', port.targetPort);
    }
    const port = service.ports.find((one) => one.port === target.port && one.protocol !== 'udp');
    if (!port) return;
    const proxy = lookup(this.model).sharedProxy(service);
    if (proxy) {
      const shared = this.sharedPorts.get(`${Ref.key(service)} ${port.port}`);
      if (shared !== undefined) {
        rules.allow([podsIn(proxy.namespace, names.proxySelector('shared-proxy', proxy.name))], 'TCP', shared);
      }
      return;
    }
    rules.allow(pods, 'TCP', inboundPortsOf(service).get(port.targetPort));
    if ((service.mutualTls ?? this.model.mesh.mutualTls) === 'permissive') rules.allow(pods, 'TCP', port.targetPort);
  }

  private allowExternal(rules: RuleSet, external: ExternalService): void {
    if (external.via === undefined) {
      allowAddresses(rules, external.addresses, external.port);
      return;
    }
    const gateway = podsIn(external.namespace, names.proxySelector('egress-gateway', external.via));
    rules.allow([gateway], 'TCP', names.ports.egress);
  }

  /** Where logs and traces go. */
  private collectors(service?: Service): readonly { readonly host: string; readonly port: number }[] {
    const { telemetry } = this.model.mesh;
    const own = service ? lookup(this.model).telemetry(service) : [];
    return [telemetry, ...own].flatMap(({ accessLog, tracing }) => [...logTarget(accessLog), ...traceTarget(tracing)]);
  }

  /**
   * A host that a proxy calls for itself. What is in the cluster is admitted by its namespace on every port: a policy sees
   * the port of the pod, and which one that is stands in a Service that the mesh does not know.
   */
  private allowHost(rules: RuleSet, host: string, port: number, from: string): void {
    if (/^[0-9.]+$/.test(host) || host.includes(':')) {
      rules.allow([addresses(host)], 'TCP', port);
      return;
    }
    const domain = `.${this.model.mesh.clusterDomain}`;
    const [name = '', namespace = from, ...rest] = (host.endsWith(domain) ? host.slice(0, -domain.length) : host).split(
      '.',
    );
    const isCluster = !Late.is(host) && (rest.length === 0 || (rest.length === 1 && rest[0] === 'svc'));
    if (isCluster) {
      const service = lookup(this.model).service({ namespace, name });
      if (service) this.allowService(rules, { service, port });
      rules.allow([service ? podsOf(service) : everyPodIn(namespace)], 'TCP');
    }
    // `tempo.monitoring` is a Service or a domain of its own: nothing tells which.
    const isCertain = isCluster && (rest.length === 1 || !host.includes('.'));
    if (!isCertain) rules.allow(everyAddress, 'TCP', port);
  }
}

const nodeLocalDns = addresses('169.254.20.10');

interface Target {
  readonly service: Ref;
  readonly port: number;
}

/** What each identity may call, routes that lead on included: what edges imply about access, read the other way round. */
function targetsOf(model: Model): ReadonlyMap<string, readonly Target[]> {
  const targets = new Map<string, Target[]>();
  for (const policy of model.accessPolicies) {
    if (policy.origin !== 'edges') continue;
    for (const { from, ports } of policy.rules) {
      for (const source of from) {
        if (source.kind !== 'identity') continue;
        const key = Identity.key(source);
        const list = targets.get(key) ?? [];
        list.push(...ports.map((port) => ({ service: { namespace: policy.namespace, name: policy.service }, port })));
        targets.set(key, list);
      }
    }
  }
  return targets;
}

/** By service and port, where its shared proxy serves it. */
function sharedPortsOf(model: Model): ReadonlyMap<string, number> {
  const find = lookup(model);
  return new Map(
    model.sharedProxies
      .flatMap((proxy) => names.sharedPorts(sharedServices(proxy).flatMap((ref) => find.service(ref) ?? [])))
      .map(({ service, port, at }) => [`${Ref.key(service)} ${port}`, at]),
  );
}

/** Without fixed addresses nothing but the port is known: a NetworkPolicy cannot name a host. */
function allowAddresses(rules: RuleSet, fixed: readonly string[] | undefined, port: number): void {
  rules.allow(fixed && fixed.length > 0 ? fixed.map(addresses) : everyAddress, 'TCP', port);
}

function logTarget(log: AccessLog | undefined): readonly { readonly host: string; readonly port: number }[] {
  return log?.enabled && log.target?.kind === 'otlp' ? [log.target] : [];
}

function traceTarget(tracing: Tracing | undefined): readonly { readonly host: string; readonly port: number }[] {
  return tracing?.enabled && tracing.host !== undefined ? [{ host: tracing.host, port: tracing.port ?? 4317 }] : [];
}
