import { describe, expect, it } from 'vitest';
import { adopt, decode, encode, serviceObjects } from '../../../lib/kubernetes/declared';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import * as make from '../../support/model-builder';

/** A Service as its author publishes it. */
const published: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'reviews',
    namespace: 'shop',
    labels: { app: 'reviews', 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'cloud.example/class': 'internal' },
    finalizers: ['example.com/keep'],
  },
  spec: {
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    selector: { app: 'reviews' },
    ports: [
      { name: 'metrics', port: 9100, targetPort: 'prom' },
      { name: 'web', port: 80, targetPort: 8080, nodePort: 30_080 },
      { port: 53, targetPort: 5353, protocol: 'UDP' },
    ],
  },
};

const reviews = make.service('reviews', {
  ports: [
    make.port('http'),
    make.port('udp', 5353, { name: 'dns', port: 53 }),
    make.port('grpc', 9090, { name: 'api', port: 81 }),
  ],
});

function adopted(original: Manifest, model = make.model({ services: [reviews] })): Manifest {
  const ours = serviceObjects(model, reviews).find(({ metadata }) => metadata.name === original.metadata.name);
  return adopt(original, ours as Manifest);
}

describe('a Service that its author publishes', () => {
  it('keeps what is its own and gets what the mesh needs', () => {
    expect(adopted(published)).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'reviews',
        namespace: 'shop',
        labels: { app: 'reviews', 'app.kubernetes.io/managed-by': 'meshwright', 'meshwright.dev/mesh': 'mesh' },
        annotations: {
          'cloud.example/class': 'internal',
          'meshwright.dev/application-ports': '80:8080,81:9090',
          'meshwright.dev/service-account': 'reviews',
        },
        finalizers: ['example.com/keep'],
      },
      spec: {
        type: 'NodePort',
        externalTrafficPolicy: 'Local',
        selector: { app: 'reviews' },
        ports: [
          { name: 'metrics', port: 9100, targetPort: 'prom' },
          { name: 'web', port: 80, targetPort: 'mesh-8080', protocol: 'TCP', appProtocol: 'http', nodePort: 30_080 },
          { name: 'dns', port: 53, targetPort: 5353, protocol: 'UDP' },
          { name: 'api', port: 81, targetPort: 'mesh-9090', protocol: 'TCP', appProtocol: 'grpc' },
        ],
      },
    });
  });

  it('is adopted once: a second time changes nothing', () => {
    const once = adopted(published);
    expect(adopted(once)).toEqual(once);
  });

  it('selects the pods that the mesh knows: those of the service, or its shared proxy', () => {
    const broader = { ...published, spec: { ...published.spec, selector: { 'part-of': 'shop' } } };
    expect(adopted(broader).spec.selector).toEqual({ app: 'reviews' });
    const shared = make.model({ services: [reviews], sharedProxies: [make.sharedProxy('shop', [reviews])] });
    expect(adopted(published, shared).spec.selector).toEqual({
      'app.kubernetes.io/name': 'shop-shared',
      'meshwright.dev/proxy': 'shared-proxy',
    });
  });

  it('stays headless, or becomes it', () => {
    const headless = { ...published, spec: { ...published.spec, clusterIP: 'None' } };
    expect(adopted(headless).spec.clusterIP).toBe('None');
    const model = make.model({ services: [{ ...reviews, headless: true }] });
    const ours = serviceObjects(model, { ...reviews, headless: true })[0] as Manifest;
    expect(adopt(published, ours).spec.clusterIP).toBe('None');
  });
});

describe('a ServiceAccount that its author publishes', () => {
  it('keeps what is its own and gets what the mesh needs', () => {
    const original: Manifest = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'nightly', namespace: 'shop' },
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: 'registry' }],
    };
    const ours = encode(make.model({ workloads: [make.workload('nightly')] })).find(
      ({ kind }) => kind === 'ServiceAccount',
    );
    expect(adopt(original, ours as Manifest)).toEqual({
      ...original,
      metadata: {
        name: 'nightly',
        namespace: 'shop',
        labels: { 'app.kubernetes.io/managed-by': 'meshwright', 'meshwright.dev/mesh': 'mesh' },
        annotations: { 'meshwright.dev/workload': 'nightly', 'meshwright.dev/workload-selector': 'app=nightly' },
      },
    });
  });
});

describe('what a Service says of its ports', () => {
  const model = make.model();
  /** A Service with one port, labelled by hand for the mesh. */
  const portOf = (port: object, annotations: { readonly [key: string]: string } = {}) => {
    const service: Manifest = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'reviews',
        namespace: 'shop',
        labels: { 'meshwright.dev/mesh': 'mesh' },
        annotations: { 'meshwright.dev/service-account': 'reviews', ...annotations },
      },
      spec: { selector: { app: 'reviews' }, ports: [port] },
    };
    const { model: read, problems } = decode([...encode(model), service]);
    return problems.length > 0
      ? problems.map(({ path, message }) => `${path}: ${message}`)
      : read?.services[0]?.ports[0];
  };

  it.each([
    [
      { port: 80, appProtocol: 'kubernetes.io/h2c' },
      { name: 'http2', port: 80, targetPort: 80, protocol: 'http2' },
    ],
    [
      { name: 'a', port: 80, appProtocol: 'kubernetes.io/ws' },
      { name: 'a', port: 80, targetPort: 80, protocol: 'http' },
    ],
    [
      { name: 'a', port: 80, appProtocol: 'https' },
      { name: 'a', port: 80, targetPort: 80, protocol: 'tls' },
    ],
    [
      { name: 'a', port: 80, appProtocol: 'redis' },
      { name: 'a', port: 80, targetPort: 80, protocol: 'tcp' },
    ],
    [
      { name: 'http', port: 80, appProtocol: 'tcp' },
      { name: 'http', port: 80, targetPort: 80, protocol: 'tcp' },
    ],
    [
      { name: 'grpc-web', port: 80, targetPort: 8080 },
      { name: 'grpc-web', port: 80, targetPort: 8080, protocol: 'grpc' },
    ],
    [
      { name: 'metrics', port: 80 },
      { name: 'metrics', port: 80, targetPort: 80, protocol: 'tcp' },
    ],
    [
      { name: 'http', port: 80, protocol: 'UDP' },
      { name: 'http', port: 80, targetPort: 80, protocol: 'udp' },
    ],
  ])('%j', (port, expected) => {
    expect(portOf(port)).toEqual(expected);
  });

  it.each([
    [
      { name: 'http', port: 80, targetPort: 'web' },
      {},
      'spec.ports[0].targetPort: "web" is a name; say which port of the application it is in annotation meshwright.dev/application-ports, such as 80:8080',
    ],
    [{ name: 'http', port: 80, protocol: 'SCTP' }, {}, 'spec.ports[0].protocol: "SCTP" is not supported'],
    [
      { name: 'http', port: 80 },
      { 'meshwright.dev/application-ports': '80' },
      'metadata.annotations.meshwright.dev/application-ports: must be pairs such as 80:8080,90:9090, got "80"',
    ],
    [
      { name: 'http', port: 80 },
      { 'meshwright.dev/mutual-tls': 'maybe' },
      'metadata.annotations.meshwright.dev/mutual-tls: must be strict or permissive, got "maybe"',
    ],
    [
      { name: 'http', port: 80 },
      { 'meshwright.dev/capture': '{' },
      'metadata.annotations.meshwright.dev/capture: must be JSON, got "{"',
    ],
    [
      { name: 'http', port: 80 },
      { 'meshwright.dev/capture': '{}' },
      'metadata.annotations.meshwright.dev/capture: must have exactly one of names, transparent, got none',
    ],
    [
      { name: 'http', port: 80 },
      { 'meshwright.dev/instances': 'database' },
      'metadata.annotations.meshwright.dev/instances: must be a StatefulSet and its replicas, such as database/3, got "database"',
    ],
  ])('%j with %j is a problem', (port, annotations, problem) => {
    expect(portOf(port, annotations)).toEqual([problem]);
  });
});
