import {
  type Instances,
  type Model,
  type MutualTls,
  names,
  order,
  type Port,
  type Protocol,
  Ref,
  type Service,
  type SharedProxy,
  type Version,
} from '../../model';
import type { Manifest } from '../manifest';
import { kinds, object, refOf } from './object';
import type { Observed } from './observed';
import { capture } from './parts/capture';
import { fromJson, toJson } from './parts/json';
import { localProcess } from './parts/local-process';
import { type Json, type Reader, shown } from './shape';

const { keys } = names;

/** The Services of all services. */
export function encodeServices(model: Model): readonly Manifest[] {
  const shared = sharedBy(model.sharedProxies);
  return model.services.flatMap((service) => objectsOf(model, service, shared.get(Ref.key(service))));
}

/** The Services of one service: its own, one for each version, and one for its instances behind a shared proxy. */
export function serviceObjects(model: Model, service: Service): readonly Manifest[] {
  return objectsOf(model, service, sharedBy(model.sharedProxies).get(Ref.key(service)));
}

function objectsOf(model: Model, service: Service, proxy: SharedProxy | undefined): readonly Manifest[] {
  const root = rootService(model, service, proxy);
  const versions = service.versions.map((version) => versionService(model, service, version, proxy));
  return proxy ? [root, instancesService(model, service), ...versions] : [root, ...versions];
}

function rootService(model: Model, service: Service, proxy: SharedProxy | undefined): Manifest {
  const selector = proxy ? names.proxySelector('shared-proxy', proxy.name) : service.selector;
  return object(
    model,
    kinds.service,
    service,
    { spec: serviceSpec(model, service, selector, proxy ? 'proxy' : 'pods') },
    { annotations: annotationsOf(service) },
  );
}

/** Behind a shared proxy the pods have no sidecar, and only the proxy needs to find them. */
function instancesService(model: Model, service: Service): Manifest {
  const at = { namespace: service.namespace, name: names.instancesService(service) };
  const spec = serviceSpec(model, { ...service, headless: true }, service.selector, 'instances');
  return object(model, kinds.service, at, { spec });
}

function versionService(model: Model, service: Service, version: Version, proxy: SharedProxy | undefined): Manifest {
  const at = { namespace: service.namespace, name: names.versionService(service, version.name) };
  return object(
    model,
    kinds.service,
    at,
    { spec: serviceSpec(model, service, version.selector, proxy ? 'instances' : 'pods') },
    {
      labels: { [keys.versionOf]: service.name, [keys.version]: version.name },
      annotations: version.local ? { [keys.local]: toJson(localProcess, version.local) } : {},
    },
  );
}

function annotationsOf(service: Service): { readonly [key: string]: string } {
  const proxied = service.ports.filter(({ protocol }) => protocol !== 'udp');
  const { instances, mutualTls } = service;
  return {
    ...(proxied.length > 0
      ? { [keys.applicationPorts]: proxied.map(({ port, targetPort }) => `${port}:${targetPort}`).join(',') }
      : {}),
    ...(service.capture ? { [keys.capture]: toJson(capture, service.capture) } : {}),
    ...(instances ? { [keys.instances]: `${instances.statefulSet}/${instances.replicas}` } : {}),
    ...(mutualTls ? { [keys.mutualTls]: mutualTls } : {}),
    ...(service.local ? { [keys.local]: toJson(localProcess, service.local) } : {}),
    [keys.serviceAccount]: service.serviceAccount,
  };
}

/** What stands behind a Service: pods with sidecars, a shared proxy, or pods without. */
type Behind = 'pods' | 'proxy' | 'instances';

function serviceSpec(model: Model, service: Service, selector: Service['selector'], behind: Behind) {
  const ports = [...service.ports].sort((a, b) => a.port - b.port || order(a.protocol, b.protocol));
  return {
    ...(service.headless ? { clusterIP: 'None' } : {}),
    selector,
    ...(ports.length > 0
      ? {
          ports: ports.map((port) => ({
            name: port.name,
            port: port.port,
            targetPort: targetOf(model, service, port, behind),
            ...transports[port.protocol],
          })),
        }
      : {}),
  };
}

/**
 * Sidecars of different pods may number their ports differently, so they are found by name. Where plain text is still
 * accepted there may be pods without a sidecar: they are found at the application's own port, and so are those that have one.
 */
function targetOf(model: Model, service: Service, port: Port, behind: Behind): number | string {
  if (port.protocol === 'udp' || behind === 'instances') return port.targetPort;
  if (behind === 'proxy') {
    const shared = names.sharedPorts([{ ...service, ports: [port] }])[0];
    return shared?.name ?? port.targetPort;
  }
  const strict = (service.mutualTls ?? model.mesh.mutualTls) === 'strict';
  return strict ? names.inboundPortName(port.targetPort) : port.targetPort;
}

/** https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol */
const transports: {
  readonly [protocol in Protocol]: { readonly protocol: 'TCP' | 'UDP'; readonly appProtocol?: string };
} = {
  http: { protocol: 'TCP', appProtocol: 'http' },
  http2: { protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
  grpc: { protocol: 'TCP', appProtocol: 'grpc' },
  tls: { protocol: 'TCP', appProtocol: 'tls' },
  tcp: { protocol: 'TCP', appProtocol: 'tcp' },
  udp: { protocol: 'UDP' },
};

function sharedBy(proxies: readonly SharedProxy[]): ReadonlyMap<string, SharedProxy> {
  return new Map(
    proxies.flatMap((proxy) =>
      proxy.services.map((name): [string, SharedProxy] => [Ref.key({ namespace: proxy.namespace, name }), proxy]),
    ),
  );
}

/** A service, and the shared proxy that its Service selects. */
export interface DecodedService {
  readonly service: Service;
  readonly sharedProxy?: string;
}

/** Reads the Services of the mesh: those that name the service account of their pods. */
export function decodeServices(observed: Observed): readonly DecodedService[] {
  const all = observed.core('Service').filter(({ metadata }) => metadata.labels?.[keys.mesh] !== undefined);
  const byKey = new Map(all.map((manifest) => [Ref.key(refOf(manifest)), manifest]));
  const versions = versionsByRoot(observed, all);
  const roots = all.filter(({ metadata }) => metadata.annotations?.[keys.serviceAccount] !== undefined);
  return observed.readAll(roots, (manifest, reader) => {
    const ref = refOf(manifest);
    const spec = reader.at('spec').fields(manifest.spec);
    const sharedProxy = sharedProxyOf(spec.selector);
    const instances = byKey.get(Ref.key({ ...ref, name: names.instancesService(ref) }));
    const annotations = reader.at('metadata').at('annotations');
    const given = manifest.metadata.annotations ?? {};
    const annotation = <T>(key: string, read: (text: string, at: Reader) => T): T | undefined => {
      const text = given[key];
      return text === undefined ? undefined : read(text, annotations.at(key));
    };
    const selector = sharedProxy === undefined ? spec.selector : instances?.spec?.selector;
    const service: Service = {
      ...ref,
      serviceAccount: given[keys.serviceAccount] ?? '',
      selector: reader.at('spec').at('selector').fields(selector),
      ports: portsOf(
        spec.ports,
        annotation(keys.applicationPorts, applicationPorts) ?? new Map(),
        reader.at('spec').at('ports'),
      ),
      versions: (versions.get(Ref.key(ref)) ?? []).sort((a, b) => order(a.name, b.name)),
      headless: spec.clusterIP === 'None',
      ...defined('instances', annotation(keys.instances, instancesOf)),
      ...defined(
        'capture',
        annotation(keys.capture, (text, at) => fromJson(capture, text, at)),
      ),
      ...defined('mutualTls', annotation(keys.mutualTls, mutualTlsOf)),
      ...defined(
        'local',
        annotation(keys.local, (text, at) => fromJson(localProcess, text, at)),
      ),
    };
    return { service, ...defined('sharedProxy', sharedProxy) };
  });
}

function versionsByRoot(observed: Observed, all: readonly Manifest[]): ReadonlyMap<string, Version[]> {
  const versions = new Map<string, Version[]>();
  for (const manifest of all) {
    const root = manifest.metadata.labels?.[keys.versionOf];
    if (root === undefined) continue;
    const { namespace } = refOf(manifest);
    const version = observed.read(manifest, (reader) => versionOf(manifest, reader));
    const key = Ref.key({ namespace, name: root });
    if (version) versions.set(key, [...(versions.get(key) ?? []), version]);
  }
  return versions;
}

function versionOf(manifest: Manifest, reader: Reader): Version {
  const { labels, annotations } = manifest.metadata;
  const name = labels?.[keys.version];
  if (name === undefined) return reader.at('metadata').at('labels').at(keys.version).fail('is missing');
  const local = annotations?.[keys.local];
  const at = reader.at('metadata').at('annotations').at(keys.local);
  return {
    name,
    selector: reader.at('spec').at('selector').fields(manifest.spec?.selector),
    ...(local === undefined ? {} : { local: fromJson(localProcess, local, at) }),
  };
}

/** `shop-shared` of the pods of shared proxy `shop`. */
function sharedProxyOf(selector: Json): string | undefined {
  if (selector?.[keys.proxy] !== 'shared-proxy') return undefined;
  const object: unknown = selector[keys.name];
  const suffix = names.proxyObject('shared-proxy', '');
  return typeof object === 'string' && object.endsWith(suffix) ? object.slice(0, -suffix.length) : undefined;
}

function portsOf(json: Json, targets: ReadonlyMap<number, number>, reader: Reader): readonly Port[] {
  const ports = reader.all(reader.items(json).map((item, index) => () => portOf(item, targets, reader.at(index))));
  return ports.sort((a, b) => a.port - b.port || order(a.protocol, b.protocol));
}

function portOf(json: Json, targets: ReadonlyMap<number, number>, reader: Reader): Port {
  const given = reader.fields(json);
  const port = reader.at('port').number(given.port);
  const protocol = protocolOf(given, reader);
  const own = typeof given.targetPort === 'number' ? given.targetPort : undefined;
  const targetPort = (protocol === 'udp' ? own : (targets.get(port) ?? own)) ?? unnamedTarget(given, port, reader);
  // A Service of one port need not name it.
  return { name: given.name ?? protocol, port, targetPort, protocol };
}

function unnamedTarget({ targetPort }: { readonly targetPort?: unknown }, port: number, reader: Reader): number {
  if (targetPort === undefined) return port;
  return reader
    .at('targetPort')
    .fail(
      `${shown(targetPort)} is a name; say which port of the application it is in annotation ${keys.applicationPorts}, such as ${port}:8080`,
    );
}

function protocolOf(port: { readonly [field: string]: Json }, reader: Reader): Protocol {
  if (port.protocol === 'UDP') return 'udp';
  if (port.protocol !== undefined && port.protocol !== 'TCP')
    return reader.at('protocol').fail(`${shown(port.protocol)} is not supported`);
  if (typeof port.appProtocol === 'string') return appProtocols[port.appProtocol.toLowerCase()] ?? 'tcp';
  // `grpc-web`, `http-metrics`: what most meshes read from a name.
  return appProtocols[String(port.name ?? '').split('-')[0] ?? ''] ?? 'tcp';
}

const appProtocols: { readonly [name: string]: Protocol } = {
  http: 'http',
  'kubernetes.io/ws': 'http',
  http2: 'http2',
  h2c: 'http2',
  'kubernetes.io/h2c': 'http2',
  grpc: 'grpc',
  tls: 'tls',
  https: 'tls',
  'kubernetes.io/wss': 'tls',
  tcp: 'tcp',
};

/** `80:8080,90:9090` */
function applicationPorts(text: string, reader: Reader): ReadonlyMap<number, number> {
  return new Map(
    text.split(',').map((pair): [number, number] => {
      const [, port, target] = /^(-?\d+):(-?\d+)$/.exec(pair.trim()) ?? [];
      if (port === undefined || target === undefined) return reader.wrong('pairs such as 80:8080,90:9090', text);
      return [Number(port), Number(target)];
    }),
  );
}

/** `database/3` */
function instancesOf(text: string, reader: Reader): Instances {
  const [, statefulSet, replicas] = /^([^/]+)\/(-?\d+)$/.exec(text) ?? [];
  if (statefulSet === undefined || replicas === undefined)
    return reader.wrong('a StatefulSet and its replicas, such as database/3', text);
  return { statefulSet, replicas: Number(replicas) };
}

function mutualTlsOf(text: string, reader: Reader): MutualTls {
  return text === 'strict' || text === 'permissive' ? text : reader.wrong('strict or permissive', text);
}

function defined<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V };
}
