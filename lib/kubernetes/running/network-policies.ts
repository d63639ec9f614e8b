import {
  type AccessSource,
  type Callers,
  callersOf,
  type EgressGateway,
  type ExternalService,
  type Gateway,
  lookup,
  type Model,
  names,
  order,
  Ref,
  type Service,
  type SharedProxy,
  sharedServices,
  type Workload,
  withImpliedAccess,
} from '../../model';
import type { Manifest } from '../manifest';
import { controlPlaneSelector } from './control-plane';
import { Egress } from './egress';
import { systemLabels } from './labels';
import { addresses, anyPodOfMesh, everyPodIn, type Peer, podsIn, prometheus } from './network-peers';
import { RuleSet } from './network-rules';
import { podsOfIdentity } from './pods-of-identity';
import { captureOf, inboundPortsOf } from './runner';

/**
 * NetworkPolicies of the pods of the mesh: traffic reaches their sidecars and not the applications behind them, and leaves
 * only to what is declared. They are the second fence; who may call is decided by identity, in the sidecars.
 *
 * - Inside the mesh `open` lets every pod of it reach every inbound port, so that an undeclared call is answered;
 *   `declared` only callers.
 * - The kubelet is in no rule: Kubernetes lets a node reach its own pods whatever a policy says
 *   (https://kubernetes.io/docs/concepts/services-networking/network-policies/), so probes pass.
 * - Metrics of proxies are for what collects metrics ({@link prometheus}), for namespaces that are declared as callers
 *   without identity, and for the control plane, which judges canaries.
 */
export function networkPolicies(model: Model): readonly Manifest[] {
  if (model.mesh.networkPolicies === 'none') return [];
  const full = withImpliedAccess(model);
  const policies = new Policies(full);
  return [
    ...full.services.map((service) => policies.ofService(service)),
    ...full.workloads.map((workload) => policies.ofWorkload(workload)),
    ...full.gateways.map((gateway) => policies.ofGateway(gateway)),
    ...full.egressGateways.map((gateway) => policies.ofEgressGateway(gateway)),
    ...full.sharedProxies.map((proxy) => policies.ofSharedProxy(proxy)),
  ].sort(
    (a, b) => order(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || order(a.metadata.name, b.metadata.name),
  );
}

class Policies {
  private readonly egress: Egress;
  private readonly callers: Callers;
  private readonly meshPods: ReturnType<typeof anyPodOfMesh>;
  private readonly controlPlane: Peer;
  private readonly open: boolean;
  private readonly externalVia = new Map<string, ExternalService[]>();

  constructor(private readonly model: Model) {
    this.callers = callersOf(model);
    this.egress = new Egress(model, this.callers);
    this.meshPods = anyPodOfMesh(model.mesh.name);
    this.controlPlane = podsIn(model.mesh.namespace, controlPlaneSelector);
    this.open = model.mesh.networkPolicies === 'open';
    for (const external of model.externalServices) {
      if (external.via === undefined) continue;
      const gateway = Ref.key({ namespace: external.namespace, name: external.via });
      this.externalVia.set(gateway, [...(this.externalVia.get(gateway) ?? []), external]);
    }
  }

  ofService(service: Service): Manifest {
    const ingress = new RuleSet();
    const proxy = lookup(this.model).sharedProxy(service);
    if (proxy) {
      const proxyPods = podsIn(proxy.namespace, names.proxySelector('shared-proxy', proxy.name));
      for (const port of service.ports) {
        if (port.protocol !== 'udp') ingress.allow([proxyPods], 'TCP', port.targetPort);
      }
      this.admitUdp(ingress, service);
      this.admitOutside(ingress, service);
      // Without a sidecar it has no edges, and nothing says what it reaches.
      return this.policy('service', service, service.selector, ingress);
    }
    const inbound = inboundPortsOf(service);
    this.admitCallers(ingress, service, (port) => inbound.get(port.targetPort));
    if (this.isPermissive(service)) {
      for (const application of inbound.keys()) ingress.allow(undefined, 'TCP', application);
    }
    this.admitUdp(ingress, service);
    this.admitOutside(ingress, service);
    this.admitMetrics(ingress, this.outsideNamespaces(service));
    return this.policy(
      'service',
      service,
      service.selector,
      ingress,
      this.egress.ofRunner(service, captureOf(this.model, service)),
    );
  }

  ofWorkload(workload: Workload): Manifest {
    const ingress = new RuleSet();
    this.admitOutside(ingress, workload);
    this.admitMetrics(ingress, this.outsideNamespaces(workload));
    const egress = this.egress.ofRunner(workload, captureOf(this.model, workload));
    return this.policy('workload', workload, workload.selector, ingress, egress);
  }

  ofGateway(gateway: Gateway): Manifest {
    const ingress = new RuleSet();
    // It is where anybody comes in.
    for (const { port } of gateway.listeners) ingress.allow(undefined, 'TCP', port);
    this.admitMetrics(ingress, []);
    return this.ofProxy('gateway', gateway, ingress, this.egress.ofGateway(gateway));
  }

  ofEgressGateway(gateway: EgressGateway): Manifest {
    const ingress = new RuleSet();
    const external = this.externalVia.get(Ref.key(gateway)) ?? [];
    const callers = external
      .flatMap((one) => lookup(this.model).edgesTo('externalService', one))
      .map((edge) => edge.from);
    const peers = this.open ? [this.meshPods] : callers.flatMap((caller) => podsOfIdentity(this.model, caller));
    ingress.allow(peers, 'TCP', names.ports.egress);
    this.admitMetrics(ingress, []);
    return this.ofProxy('egress-gateway', gateway, ingress, this.egress.ofEgressGateway(external));
  }

  ofSharedProxy(proxy: SharedProxy): Manifest {
    const find = lookup(this.model);
    const services = sharedServices(proxy).flatMap((ref) => find.service(ref) ?? []);
    const ports = names.sharedPorts(services);
    const ingress = new RuleSet();
    for (const service of services) {
      const own = ports.filter((shared) => Ref.equal(shared.service, service));
      this.admitCallers(ingress, service, ({ port }) => own.find((shared) => shared.port === port)?.at);
    }
    this.admitMetrics(
      ingress,
      services.flatMap((service) => this.outsideNamespaces(service)),
    );
    return this.ofProxy('shared-proxy', proxy, ingress, this.egress.ofSharedProxy(proxy, services));
  }

  private ofProxy(kind: names.ProxyKind, proxy: Ref, ingress: RuleSet, egress: RuleSet): Manifest {
    const named = { namespace: proxy.namespace, name: names.proxyObject(kind, proxy.name) };
    return this.policy('proxy', named, names.proxySelector(kind, proxy.name), ingress, egress);
  }

  /** Whoever may call a service, to where its proxy serves the port that is called. */
  private admitCallers(
    ingress: RuleSet,
    service: Service,
    servedAt: (port: Service['ports'][number]) => number | undefined,
  ): void {
    for (const port of service.ports) {
      const at = port.protocol === 'udp' ? undefined : servedAt(port);
      if (at === undefined) continue;
      if (this.isPermissive(service)) ingress.allow(undefined, 'TCP', at);
      if (this.open) ingress.allow([this.meshPods], 'TCP', at);
      for (const rule of this.allowRules(service)) {
        if (rule.ports.length > 0 && !rule.ports.includes(port.port)) continue;
        ingress.allow(this.peersOf(rule.from), 'TCP', at);
      }
      if (!this.open)
        ingress.allow(
          this.callers.of(service, port.port).flatMap((caller) => podsOfIdentity(this.model, caller)),
          'TCP',
          at,
        );
    }
  }

  /** UDP is not proxied: it reaches the application itself, from those who may call the service at all. */
  private admitUdp(ingress: RuleSet, service: Service): void {
    for (const { protocol, targetPort } of service.ports) {
      if (protocol !== 'udp') continue;
      if (this.isPermissive(service)) ingress.allow(undefined, 'UDP', targetPort);
      if (this.open) ingress.allow([this.meshPods], 'UDP', targetPort);
      for (const rule of this.allowRules(service)) ingress.allow(this.peersOf(rule.from), 'UDP', targetPort);
    }
  }

  private admitOutside(ingress: RuleSet, runner: Ref): void {
    for (const { port, protocol, from } of this.outsidePorts(runner)) {
      for (const source of from) {
        const peers =
          source.kind === 'anyone'
            ? undefined
            : [source.kind === 'namespace' ? everyPodIn(source.namespace) : addresses(source.cidr)];
        ingress.allow(peers, protocol === 'udp' ? 'UDP' : 'TCP', port);
      }
    }
  }

  private admitMetrics(ingress: RuleSet, namespaces: readonly string[]): void {
    ingress.allow([prometheus, this.controlPlane, ...namespaces.map(everyPodIn)], 'TCP', names.ports.metrics);
  }

  private peersOf(sources: readonly AccessSource[]): readonly Peer[] {
    // No source: any caller that has an identity.
    if (sources.length === 0) return [this.meshPods];
    return sources.flatMap((source) => this.peersOfSource(source));
  }

  private peersOfSource(source: AccessSource): readonly Peer[] {
    switch (source.kind) {
      // Whoever has an identity has the label of the mesh: where every such pod is admitted, there is nothing to add.
      case 'identity':
        return this.open ? [] : podsOfIdentity(this.model, source);
      case 'namespace':
        return this.open ? [] : [podsIn(source.namespace, { [names.keys.mesh]: this.model.mesh.name })];
      case 'outside':
        return [everyPodIn(source.namespace)];
      case 'address':
        return [addresses(source.cidr)];
    }
  }

  private allowRules(runner: Ref) {
    return lookup(this.model)
      .accessPolicies(runner)
      .flatMap(({ rules }) => rules.filter(({ action, shadow }) => action === 'allow' && !shadow));
  }

  private outsidePorts(runner: Ref) {
    return lookup(this.model)
      .accessPolicies(runner)
      .flatMap(({ outsidePorts }) => outsidePorts);
  }

  /** Namespaces of declared callers without an identity, a Prometheus among them. */
  private outsideNamespaces(runner: Ref): readonly string[] {
    const sources = [
      ...this.allowRules(runner).flatMap((rule) => rule.from.filter(({ kind }) => kind === 'outside')),
      ...this.outsidePorts(runner).flatMap(({ from }) => from),
    ];
    return sources.flatMap((source) => ('namespace' in source ? source.namespace : []));
  }

  private isPermissive(service: Service): boolean {
    return (service.mutualTls ?? this.model.mesh.mutualTls) === 'permissive';
  }

  private policy(
    pods: Parameters<typeof names.networkPolicy>[0],
    { namespace, name }: Ref,
    selector: { readonly [label: string]: string },
    ingress: RuleSet,
    egress?: RuleSet,
  ): Manifest {
    return {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {
        name: names.networkPolicy(pods, name),
        namespace,
        labels: systemLabels(this.model, 'network-policy'),
      },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: egress ? ['Ingress', 'Egress'] : ['Ingress'],
        ingress: ingress.rules('from'),
        ...(egress ? { egress: egress.rules('to') } : {}),
      },
    };
  }
}
