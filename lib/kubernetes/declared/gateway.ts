import {
  type CertificateIssuer,
  defaults,
  type EgressGateway,
  type Gateway,
  type GatewayListener,
  type GatewayService,
  type GatewayTls,
  type Model,
  names,
  order,
  Ref,
  type Resources,
  type SharedProxy,
} from '../../model';
import type { Manifest } from '../manifest';
import { kinds, object, refOf } from './object';
import type { Observed } from './observed';
import { selectedNamespaces, selectorOf } from './parts/namespace-selector';
import { resources } from './parts/resources';
import type { DecodedService } from './service';
import { choice, fields, integer, type Json, optional, type Reader, required, type Shape, shown } from './shape';

const { objects } = names;

/** Gateway API has no field for how many proxies there are, what they may use and what kind of Service leads to them. */
interface Parameters {
  readonly replicas: number;
  readonly resources?: Resources;
  readonly serviceType?: GatewayService['type'];
}

export const gatewayParametersSpec: Shape<Parameters> = fields<Parameters>({
  replicas: required(integer({ minimum: 1, maximum: 1_000 }), 'Pods of the proxy.'),
  resources: optional(resources, "Of each pod. Absent: the mesh's default for proxies."),
  serviceType: optional(
    choice<GatewayService['type']>({ LoadBalancer: 'LoadBalancer', ClusterIP: 'ClusterIP', NodePort: 'NodePort' }),
    'Kind of the Service in front of a gateway. Absent: LoadBalancer.',
  ),
});

/** The three kinds of proxies that stand by themselves are three classes of one controller. */
export function encodeGatewayClasses(model: Model): readonly Manifest[] {
  const classes: readonly (readonly [name: string, description: string])[] = [
    [objects.gatewayClass, 'Lets requests from outside into the mesh'],
    [objects.egressGatewayClass, 'Lets requests to external services out of the cluster'],
    [objects.sharedProxyClass, 'Stands before services for callers without sidecars'],
  ];
  return classes.map(([name, description]) =>
    object(model, kinds.gatewayClass, { name }, { spec: { controllerName, description } }),
  );
}

export const controllerName = `${names.apiGroup}/gateway-controller`;

export function encodeGateways(model: Model): readonly Manifest[] {
  return [
    ...model.gateways.flatMap((gateway) => {
      const { type, annotations } = gateway.service;
      const infrastructure = Object.keys(annotations).length > 0 ? { annotations } : {};
      const listeners = gateway.listeners.map(listenerJson);
      return pair(model, gateway, objects.gatewayClass, { ...gateway, serviceType: type }, listeners, infrastructure);
    }),
    ...model.egressGateways.flatMap((gateway) =>
      pair(model, gateway, objects.egressGatewayClass, gateway, [meshListener]),
    ),
    ...model.sharedProxies.flatMap((proxy) => pair(model, proxy, objects.sharedProxyClass, proxy, [meshListener])),
  ];
}

/** A Gateway and its parameters. */
function pair(
  model: Model,
  at: Ref,
  gatewayClassName: string,
  parameters: Parameters,
  listeners: readonly Json[],
  infrastructure: object = {},
): readonly Manifest[] {
  const parametersRef = { group: names.apiGroup, kind: 'GatewayParameters', name: at.name };
  return [
    object(model, kinds.gateway, at, {
      spec: { gatewayClassName, infrastructure: { ...infrastructure, parametersRef }, listeners },
    }),
    object(model, [names.apiVersion, 'GatewayParameters'], at, { spec: gatewayParametersSpec.encode(parameters, at) }),
  ];
}

/** Gateway API wants a listener; what comes in here is the mesh's own mutual TLS, told apart by server name. */
const meshListener = { name: 'mesh', port: names.ports.egress, protocol: `${names.apiGroup}/MutualTLS` };

const protocols = { http: 'HTTP', https: 'HTTPS', tls: 'TLS', tcp: 'TCP' } as const;

function listenerJson(listener: GatewayListener): Json {
  const { name, port, protocol, host, tls, routesFrom } = listener;
  return {
    name,
    port,
    protocol: protocols[protocol],
    ...(host === undefined ? {} : { hostname: host }),
    ...(protocol === 'tls' ? { tls: { mode: 'Passthrough' } } : tls ? { tls: tlsJson(tls) } : {}),
    allowedRoutes: { namespaces: allowedJson(routesFrom) },
  };
}

function tlsJson(tls: GatewayTls): Json {
  const secret = tls.kind === 'secret' ? tls.name : tls.secret;
  return {
    mode: 'Terminate',
    certificateRefs: [{ group: '', kind: 'Secret', name: secret }],
    ...(tls.kind === 'certManager' ? { options: { [issuerOption]: issuerText(tls.issuer) } } : {}),
  };
}

/** Option of a listener's TLS: who keeps its Secret, `ClusterIssuer/letsencrypt`. */
const issuerOption = `${names.apiGroup}/certificate-issuer`;

/** `Issuer/name`, or `Issuer.group/name` for an issuer that is not cert-manager's own. */
function issuerText({ kind, group, name }: CertificateIssuer): string {
  return `${kind}${group === undefined ? '' : `.${group}`}/${name}`;
}

function allowedJson(namespaces: readonly string[]): Json {
  if (namespaces.length === 0) return { from: 'Same' };
  return { from: 'Selector', selector: selectorOf(namespaces) };
}

export interface DecodedGateways {
  readonly gateways: readonly Gateway[];
  readonly egressGateways: readonly EgressGateway[];
  readonly sharedProxies: readonly SharedProxy[];
}

/** Reads the Gateways of our classes; those of other classes are somebody else's. */
export function decodeGateways(observed: Observed, services: readonly DecodedService[]): DecodedGateways {
  const parameters = decodeParameters(observed);
  const ofClass = <T>(name: string, read: (manifest: Manifest, reader: Reader) => T): T[] =>
    observed.readAll(
      observed.gatewayApi('Gateway').filter(({ spec }) => spec?.gatewayClassName === name),
      read,
    );
  const proxyOf = (manifest: Manifest, reader: Reader): EgressGateway => {
    const { replicas, resources } = parametersOf(manifest, parameters, reader);
    return { ...refOf(manifest), replicas, ...(resources ? { resources } : {}) };
  };
  return {
    gateways: ofClass(objects.gatewayClass, (manifest, reader) => gatewayOf(manifest, parameters, reader, observed)),
    egressGateways: ofClass(objects.egressGatewayClass, proxyOf),
    sharedProxies: ofClass(objects.sharedProxyClass, (manifest, reader) => ({
      ...proxyOf(manifest, reader),
      services: servicesBehind(refOf(manifest), services),
    })),
  };
}

function decodeParameters(observed: Observed): ReadonlyMap<string, Parameters> {
  return new Map(
    observed.readAll(observed.own('GatewayParameters'), (manifest, reader): [string, Parameters] => [
      Ref.key(refOf(manifest)),
      gatewayParametersSpec.decode(manifest.spec, reader.at('spec')),
    ]),
  );
}

function parametersOf(manifest: Manifest, known: ReadonlyMap<string, Parameters>, reader: Reader): Parameters {
  const reference = manifest.spec.infrastructure?.parametersRef;
  if (reference === undefined) return { replicas: defaults.gatewayReplicas };
  const at = reader.at('spec').at('infrastructure').at('parametersRef');
  const { group, kind, name } = at.fields(reference);
  if (group !== names.apiGroup || kind !== 'GatewayParameters') {
    return at.fail(`must refer to GatewayParameters of ${names.apiGroup}, got ${shown(reference)}`);
  }
  const { namespace } = refOf(manifest);
  const key = Ref.key({ namespace, name: at.at('name').text(name) });
  return known.get(key) ?? at.fail(`there is no GatewayParameters ${key}, or it cannot be read`);
}

/** Services say themselves which proxy they stand behind: they select its pods. */
function servicesBehind(proxy: Ref, services: readonly DecodedService[]): readonly string[] {
  return services
    .filter(({ service, sharedProxy }) => service.namespace === proxy.namespace && sharedProxy === proxy.name)
    .map(({ service }) => service.name)
    .sort(order);
}

function gatewayOf(
  manifest: Manifest,
  known: ReadonlyMap<string, Parameters>,
  reader: Reader,
  observed: Observed,
): Gateway {
  const at = reader.at('spec');
  const spec = at.fields(manifest.spec);
  const [parameters, listeners, annotations] = reader.all<unknown>([
    () => parametersOf(manifest, known, reader),
    () => listenersOf(manifest, at.at('listeners'), observed),
    () => annotationsOf(spec.infrastructure, at.at('infrastructure')),
    () => at.only(spec, ['gatewayClassName', 'listeners', 'infrastructure', 'allowedListeners']),
    () => noListenerSets(spec.allowedListeners, at.at('allowedListeners')),
  ]) as [Parameters, readonly GatewayListener[], GatewayService['annotations'], unknown, unknown];
  const { replicas, resources, serviceType } = parameters;
  return {
    ...refOf(manifest),
    listeners,
    service: { type: serviceType ?? 'LoadBalancer', annotations },
    replicas,
    ...(resources ? { resources } : {}),
  };
}

function annotationsOf(infrastructure: Json, reader: Reader): GatewayService['annotations'] {
  const given = reader.fields(infrastructure);
  reader.only(given, ['annotations', 'parametersRef']);
  return reader.at('annotations').fields(given.annotations);
}

function noListenerSets(allowed: Json, reader: Reader): void {
  const from = reader.fields(allowed).namespaces?.from ?? 'None';
  if (from !== 'None')
    reader
      .at('namespaces')
      .at('from')
      .fail(`${shown(from)} is not supported: a gateway has its own listeners alone`);
}

function listenersOf(manifest: Manifest, reader: Reader, observed: Observed): readonly GatewayListener[] {
  return reader
    .all(reader.items(manifest.spec.listeners).map((item, index) => () => listenerOf(item, reader.at(index), observed)))
    .sort((a, b) => order(a.name, b.name));
}

function listenerOf(json: Json, reader: Reader, observed: Observed): GatewayListener {
  const given = reader.fields(json);
  const meant = (Object.keys(protocols) as (keyof typeof protocols)[]).find((one) => protocols[one] === given.protocol);
  const [name, port, protocol, tls, routesFrom] = reader.all<unknown>([
    () => reader.at('name').text(given.name),
    () => reader.at('port').number(given.port),
    () =>
      meant ??
      reader.at('protocol').fail(`must be one of ${Object.values(protocols).join(', ')}, got ${shown(given.protocol)}`),
    () => tlsOf(given.tls, meant, reader.at('tls')),
    () => routesFromOf(given.allowedRoutes, meant, reader.at('allowedRoutes'), observed),
    () => reader.only(given, ['name', 'port', 'protocol', 'hostname', 'tls', 'allowedRoutes']),
  ]) as [string, number, GatewayListener['protocol'], GatewayTls | undefined, readonly string[], unknown];
  const host =
    given.hostname === undefined || given.hostname === '' ? {} : { host: reader.at('hostname').text(given.hostname) };
  return { name, port, protocol, ...host, ...(tls ? { tls } : {}), routesFrom };
}

function tlsOf(json: Json, protocol: GatewayListener['protocol'] | undefined, reader: Reader): GatewayTls | undefined {
  if (json === undefined) return undefined;
  const given = reader.fields(json);
  reader.only(given, ['mode', 'certificateRefs', 'options']);
  const mode = given.mode ?? 'Terminate';
  if (protocol === 'tls') {
    return mode === 'Passthrough'
      ? undefined
      : reader
          .at('mode')
          .fail(
            `${shown(mode)} is not supported for TLS: it is passed through by server name; to end TLS here, listen for HTTPS`,
          );
  }
  const references = reader.at('certificateRefs').items(given.certificateRefs);
  if (references.length !== 1)
    return reader.at('certificateRefs').fail(`must have exactly one certificate, got ${references.length}`);
  const secret = secretOf(references[0], reader.at('certificateRefs').at(0));
  const options = reader.at('options').fields(given.options);
  reader.at('options').only(options, [issuerOption]);
  const issuer = options[issuerOption];
  if (issuer === undefined) return { kind: 'secret', name: secret };
  return { kind: 'certManager', secret, issuer: issuerOf(issuer, reader.at('options').at(issuerOption)) };
}

function secretOf(json: Json, reader: Reader): string {
  const { group = '', kind = 'Secret', namespace = reader.namespace, name } = reader.fields(json);
  if (group !== '' || kind !== 'Secret') return reader.fail(`must be a Secret, got ${shown({ group, kind })}`);
  if (namespace !== reader.namespace)
    return reader
      .at('namespace')
      .fail(`must be the namespace of the gateway, ${reader.namespace}, got ${shown(namespace)}`);
  return reader.at('name').text(name);
}

function issuerOf(json: Json, reader: Reader): CertificateIssuer {
  const [, kind, , group, name] = /^(Issuer|ClusterIssuer)(\.([^/]+))?\/([^/]+)$/.exec(reader.text(json)) ?? [];
  if (kind === undefined || name === undefined) return reader.wrong('Issuer/<name> or ClusterIssuer/<name>', json);
  return { name, kind: kind as CertificateIssuer['kind'], ...(group === undefined ? {} : { group }) };
}

/** Kinds of routes that a listener takes anyway. */
const routeKinds: { readonly [protocol in GatewayListener['protocol']]: readonly string[] } = {
  http: ['GRPCRoute', 'HTTPRoute'],
  https: ['GRPCRoute', 'HTTPRoute'],
  tls: ['TLSRoute'],
  tcp: ['TCPRoute'],
};

function routesFromOf(
  json: Json,
  protocol: GatewayListener['protocol'] | undefined,
  reader: Reader,
  observed: Observed,
): readonly string[] {
  const allowed = reader.fields(json);
  reader.only(allowed, ['namespaces', 'kinds']);
  if (protocol && allowed.kinds !== undefined) onlyNatural(allowed.kinds, routeKinds[protocol], reader.at('kinds'));
  const at = reader.at('namespaces');
  const { from = 'Same', selector } = at.fields(allowed.namespaces);
  if (from === 'Same') return [];
  if (from === 'All') return observed.namespaces();
  if (from !== 'Selector') return at.at('from').fail(`must be All, Same or Selector, got ${shown(from)}`);
  return selectedNamespaces(selector, at.at('selector'), observed);
}

function onlyNatural(json: Json, natural: readonly string[], reader: Reader): void {
  const given = reader.items(json).map((kind) => String(kind?.kind));
  if (natural.some((kind) => !given.includes(kind)) || given.some((kind) => !natural.includes(kind))) {
    reader.fail(
      `must be ${natural.join(' and ')}, which the protocol of the listener means anyway, got ${given.join(', ')}`,
    );
  }
}
