import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { ExternalService, grpc, http, https, Mesh, Service, tcp, Workload } from '../../../lib';
import type { Binding } from '../../../lib/envoy';
import { Place } from '../../../lib/envoy';
import type { Model } from '../../../lib/model';
import { modelOf } from '../../../lib/testing';
import { environmentOf } from '../../../stacks/local/environment';
import { collectorIn, onThisMachine } from '../../../stacks/local/on-this-machine';
import { type Pod, placesOf, podsOf } from '../../../stacks/local/pods';

/** A port for each place, in their order from 20001. */
function bindingOf(model: Model, pod: Pod): Binding {
  const keys = placesOf(model, pod).map(Place.key);
  return { kind: 'assigned', ports: Object.fromEntries(keys.map((key, index) => [key, 20_001 + index])) };
}

function declared(build: (team: Chart, other: Chart) => void): Model {
  const app = new App();
  new Mesh(app, 'mesh', { trustDomain: 'mesh.example' });
  build(new Chart(app, 'team', { namespace: 'team' }), new Chart(app, 'other', { namespace: 'other' }));
  return onThisMachine(modelOf(app), { standInPort: ({ name }) => (name === 'mail' ? 30_000 : undefined) });
}

function environment(model: Model, key: string) {
  const pod = podsOf(model).find((one) => one.key === key);
  if (!pod) throw new Error(`there is no ${key} among ${podsOf(model).map((one) => one.key)}`);
  return { places: placesOf(model, pod).map(Place.key), env: environmentOf(model, pod, bindingOf(model, pod)) };
}

describe('the environment of a process', () => {
  it('tells where it listens and where each upstream is, external services and instances too', () => {
    const model = declared((team, other) => {
      const web = new Service(team, 'web', {
        ports: [http(3000), grpc(9000, { port: 9000, name: 'grpc-api' })],
        image: 'web:1',
        local: { command: ['web'], env: { MODE: 'dev', PORT: '1', STRIPE_SERVICE_HOST: 'mine' } },
      });
      const database = new Service(other, 'data-base', {
        port: tcp(6379),
        kind: 'StatefulSet',
        headless: true,
        image: 'db:1',
        replicas: 2,
      });
      web.calls(database, { env: { DB: 'address' } });
      web.calls(new ExternalService(team, 'stripe', { host: 'api.stripe.example', port: https(), originateTls: {} }), {
        env: { STRIPE_URL: 'url', STRIPE_PORT: 'port' },
      });
    });
    const { places, env } = environment(model, 'service team/web-0');
    expect(places.map((place) => place.replace(/127\.[0-9.]+/, '<address>'))).toEqual([
      'inbound/3000',
      'inbound/9000',
      'application/3000',
      'application/9000',
      'upstream/<address>/443',
      'upstream/<address>/6379',
      'upstream/<address>/6379',
      'upstream/<address>/6379',
      'readiness',
    ]);
    expect(env).toEqual({
      PORT: '20003',
      PORT_HTTP: '20003',
      PORT_GRPC_API: '20004',
      MODE: 'dev',
      STRIPE_SERVICE_HOST: 'mine',
      STRIPE_SERVICE_PORT: '20005',
      STRIPE_URL: 'http://127.0.0.1:20005',
      STRIPE_PORT: '20005',
      DATA_BASE_SERVICE_HOST: '127.0.0.1',
      DATA_BASE_SERVICE_PORT: '20006',
      DATA_BASE_0_SERVICE_HOST: '127.0.0.1',
      DATA_BASE_0_SERVICE_PORT: '20007',
      DATA_BASE_1_SERVICE_HOST: '127.0.0.1',
      DATA_BASE_1_SERVICE_PORT: '20008',
      DB: '127.0.0.1:20006',
    });
  });

  it('leads to a stand-in in plain text, and what two namespaces have to the own one', () => {
    const model = declared((team, other) => {
      const job = new Workload(team, 'job', { image: 'job:1', local: ['job'] });
      const far = new Service(other, 'store', { port: http(8080), image: 'a:1' });
      const near = new Service(team, 'store', { port: http(8080), image: 'b:1' });
      job.calls(far);
      job.calls(near);
      const mail = { host: 'mail.example', port: https(), originateTls: {}, local: ['mail'] };
      job.calls(new ExternalService(team, 'mail', mail), { env: { MAIL: 'url' } });
    });
    expect(model.externalServices).toEqual([
      {
        namespace: 'team',
        name: 'mail',
        host: 'mail.example',
        port: 30_000,
        protocol: 'http',
        tls: { kind: 'none' },
        addresses: ['127.0.0.1'],
        local: { command: ['mail'] },
      },
    ]);
    const { places, env } = environment(model, 'workload team/job-0');
    const far = places.findIndex((place) => place.startsWith('upstream'));
    expect(far).toBe(0);
    const own = model.edges.map(({ to }) => `${to.namespace}/${to.name}`);
    expect(own).toEqual(['other/store', 'team/mail', 'team/store']);
    expect(env.MAIL).toMatch(/^http:\/\/127\.0\.0\.1:2000\d$/);
    expect(env.MAIL).toBe(`http://127.0.0.1:${env.MAIL_SERVICE_PORT}`);
    // mail.example, other/store, team/store: in this order they have their ports.
    expect([env.STORE_SERVICE_PORT, env.PORT]).toEqual(['20003', undefined]);
  });
});

describe('what runs', () => {
  it('is each version, each instance, each caller, each proxy and each stand-in once', () => {
    const model = declared((team) => {
      const reviews = new Service(team, 'reviews', { port: http(8080), local: ['reviews'] });
      reviews.addVersion('v1', { image: 'r:1' });
      reviews.addVersion('v2', { image: 'r:2', local: ['reviews', '2'] });
      new Service(team, 'quiet', { port: http(8080), image: 'q:1' });
      new Workload(team, 'job', { image: 'job:1' });
      new ExternalService(team, 'mail', { host: 'mail.example', port: http(80), local: ['mail'] });
    });
    expect(
      podsOf(model).map(({ key, process }) => [key, process.kind === 'command' ? process.run.command : process.kind]),
    ).toEqual([
      ['service team/quiet-0', 'echo'],
      ['service team/reviews-v1-0', ['reviews']],
      ['service team/reviews-v2-0', ['reviews', '2']],
      ['workload team/job-0', 'none'],
      ['stand-in team/mail', ['mail']],
    ]);
  });
});

describe('telemetry', () => {
  it('goes to the collector of this machine or nowhere', () => {
    const app = new App();
    new Mesh(app, 'mesh', {
      trustDomain: 'mesh.example',
      telemetry: {
        tracing: { host: 'otel.monitoring', sampling: 5 },
        accessLog: { target: { host: 'otel.monitoring' } },
      },
    });
    const model = modelOf(app);
    const nowhere = onThisMachine(model, { standInPort: () => undefined }).mesh.telemetry;
    expect([nowhere.tracing?.enabled, nowhere.accessLog?.target]).toEqual([false, { kind: 'stdout' }]);
    const collector = collectorIn({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317' });
    const here = onThisMachine(model, { standInPort: () => undefined, ...(collector && { collector }) }).mesh.telemetry;
    expect(here.tracing).toMatchObject({ enabled: true, host: 'localhost', port: 4317, sampling: 100 });
    expect(here.accessLog?.target).toEqual({ kind: 'otlp', host: 'localhost', port: 4317 });
    expect(() => collectorIn({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example' })).toThrow(
      'only http:// is spoken',
    );
  });
});
