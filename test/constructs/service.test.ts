import { ApiObject, type Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Capture, grpc, http, http2, Service, tcp, tls, udp } from 'meshwright';
import { expect, it } from 'vitest';
import { declared, failure, program } from './program';

const chosen = { 'meshwright.dev/service': 'web' };

it('takes a service from an image', () => {
  const model = declared((chart) => {
    new Service(chart, 'web', { port: http(3000), image: 'web:1', replicas: 2, local: ['node', 'web.js'] });
  });
  expect(model.services).toEqual([
    {
      namespace: 'team',
      name: 'web',
      serviceAccount: 'web',
      selector: chosen,
      ports: [{ name: 'http', port: 80, targetPort: 3000, protocol: 'http' }],
      versions: [],
      headless: false,
      local: { command: ['node', 'web.js'] },
    },
  ]);
});

it('knows every protocol, and the port that callers dial where none is said', () => {
  const model = declared((chart) => {
    new Service(chart, 'web', {
      image: 'web:1',
      ports: [
        http(1, { name: 'a' }),
        http2(2, { port: 81, name: 'b' }),
        grpc(3, { port: 82 }),
        tls(4),
        tcp(5),
        udp(53),
      ],
    });
  });
  expect(
    model.services[0]?.ports.map((port) => `${port.protocol} ${port.name} ${port.port}:${port.targetPort}`),
  ).toEqual(['tcp tcp 5:5', 'udp udp 53:53', 'http a 80:1', 'http2 b 81:2', 'grpc grpc 82:3', 'tls tls 443:4']);
});

it('keeps versions apart by a label of the mesh', () => {
  const model = declared((chart) => {
    const web = new Service(chart, 'web', { port: http(3000) });
    web.addVersion('v2', { image: 'web:2', local: ['node', 'web2.js'] });
    web.addVersion('v1', { image: 'web:1' });
  });
  expect(model.services[0]?.versions).toEqual([
    { name: 'v1', selector: { ...chosen, 'meshwright.dev/version': 'v1' } },
    { name: 'v2', selector: { ...chosen, 'meshwright.dev/version': 'v2' }, local: { command: ['node', 'web2.js'] } },
  ]);
});

it('names the instances of a headless StatefulSet', () => {
  const model = declared((chart) => {
    new Service(chart, 'db', { port: tcp(5432), image: 'db:1', kind: 'StatefulSet', headless: true, replicas: 3 });
  });
  expect(model.services[0]).toMatchObject({ headless: true, instances: { statefulSet: 'db', replicas: 3 } });
});

it('adopts a cdk8s-plus Deployment with its service account', () => {
  const model = declared((chart) => {
    const serviceAccount = new kplus.ServiceAccount(chart, 'account', { metadata: { name: 'web-account' } });
    const deployment = new kplus.Deployment(chart, 'deployment', {
      serviceAccount,
      containers: [{ image: 'web:1', portNumber: 3000 }],
    });
    new Service(chart, 'web', { port: http(3000), deployment });
  });
  expect(model.services[0]).toMatchObject({ name: 'web', serviceAccount: 'web-account', selector: chosen });
});

it('adopts StatefulSets and DaemonSets too', () => {
  const model = declared((chart) => {
    const service = new kplus.Service(chart, 'db-service', {
      metadata: { name: 'db' },
      ports: [{ port: 5432 }],
      clusterIP: 'None',
    });
    const deployment = new kplus.StatefulSet(chart, 'set', {
      metadata: { name: 'db-set' },
      replicas: 2,
      service,
      containers: [{ image: 'db:1', portNumber: 5432 }],
    });
    new Service(chart, 'db', { port: tcp(5432), deployment, kubernetesService: service });
    const agent = new kplus.DaemonSet(chart, 'agent-set', { containers: [{ image: 'agent:1', portNumber: 80 }] });
    new Service(chart, 'agent', { port: http(80), deployment: agent });
  });
  expect(model.services[0]?.name).toBe('agent');
  expect(model.services[1]).toMatchObject({ headless: true, instances: { statefulSet: 'db-set', replicas: 2 } });
});

it('reads what a port speaks from the published Service', () => {
  const model = declared((chart) => {
    new Service(chart, 'web', {
      kubernetesService: published(chart, 'web'),
      deployment: publishedDeployment(chart, 'web'),
    });
  });
  expect(model.services[0]?.ports).toEqual([
    { name: 'http-main', port: 80, targetPort: 3000, protocol: 'http' },
    { name: 'anything', port: 81, targetPort: 3001, protocol: 'grpc' },
  ]);
  expect(model.services[0]?.selector).toEqual({ app: 'web' });
});

it('takes capture and mutual TLS of its own', () => {
  const model = declared((chart) => {
    new Service(chart, 'web', {
      port: http(3000),
      image: 'web:1',
      mutualTls: 'permissive',
      capture: Capture.transparent({ excludeOutboundPorts: [9, 3] }),
    });
  });
  expect(model.services[0]).toMatchObject({
    mutualTls: 'permissive',
    capture: {
      kind: 'transparent',
      excludeInboundPorts: [],
      excludeOutboundPorts: [3, 9],
      excludeOutboundAddresses: [],
    },
  });
});

it('fails without pods, and with a port whose protocol nothing says', () => {
  const app = program((chart) => {
    new Service(chart, 'empty', { port: http(80) });
    const odd = new ApiObject(chart, 'odd-service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'odd' },
      spec: {
        selector: { app: 'odd' },
        ports: [
          { name: 'main', port: 80, targetPort: 'nowhere' },
          { name: 'other', port: 81 },
        ],
      },
    });
    new Service(chart, 'odd', { kubernetesService: odd, deployment: publishedDeployment(chart, 'odd') });
  });
  expect(failure(app)).toEqual([
    '[team/empty] MESH0009 service empty has no pods; give an `image` or a `deployment`, or versions that have one',
    '[team/odd] MESH0007 port 80 of Service odd leads to "nowhere", which no container of its pods has; name a port of a container, or a number',
    '[team/odd] MESH0008 nothing says what is spoken on port 81 (other) of Service odd; declare it: { port: http(81, { port: 81 }) }, or one of http2, grpc, tls, tcp and udp',
    '[team/odd] MESH0127 service odd has no port, so nothing can call it; give it a `port`, such as http(8080), or declare it as a Workload if it only calls others',
  ]);
});

function published(chart: Chart, name: string): ApiObject {
  return new ApiObject(chart, `${name}-service`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: {
      selector: { app: name },
      ports: [
        { name: 'http-main', port: 80, targetPort: 'web' },
        { name: 'anything', port: 81, targetPort: 3001, appProtocol: 'grpc' },
      ],
    },
  });
}

function publishedDeployment(chart: Chart, name: string): ApiObject {
  return new ApiObject(chart, `${name}-deployment`, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'x:1', ports: [{ name: 'web', containerPort: 3000 }] }] },
      },
    },
  });
}
