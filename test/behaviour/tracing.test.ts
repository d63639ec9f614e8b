import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Model, Telemetry } from '../../lib/model';
import { edge, mesh as meshSettings, model, service, workload } from '../support/model-builder';
import { until } from '../support/wait';
import { applyToConnections, type Way } from './harness/connections';
import { collector, type Span } from './harness/envoy-services';
import { httpBackend } from './harness/http-backend';
import { send } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { plausibleCounts } from './harness/share';

/** Traces reach a collector, joined over all hops. */

const web = workload('web');
const reviews = service('reviews');
const catalog = service('catalog');

function mesh(observed: Telemetry): Model {
  return model({
    mesh: meshSettings({ telemetry: observed }),
    services: [reviews, catalog],
    workloads: [web],
    edges: [edge(web, reviews), edge(reviews, catalog), edge(web, catalog)],
  });
}

let gathered: Awaited<ReturnType<typeof collector>>;
let running: Mesh;
beforeAll(async () => {
  gathered = await collector(0);
  // Who is connected while a listener changes stays with the one before until that is drained.
  running = await Mesh.start(mesh({}), {
    drain: 1,
    applications: {
      // Calls the catalogue before it answers, and passes the trace on, which is all that is asked of an application.
      reviews: (options) =>
        httpBackend(options, async ({ headers }) => {
          const traceparent: { [name: string]: string } =
            headers.traceparent === undefined ? {} : { traceparent: headers.traceparent };
          await send({ port: running.upstream('reviews', 'catalog') }, { host: 'catalog', headers: traceparent });
        }),
    },
  });
});
afterAll(async () => {
  await running?.stop();
  gathered?.close();
});
beforeEach(() => {
  running.reset();
  gathered.spans.splice(0);
});

const ways: readonly Way[] = [
  ['web', 'catalog', 'catalog'],
  ['web', 'reviews', 'reviews'],
  ['reviews', 'catalog', 'reviews'],
];

let paths = 0;
const somewhere = () => `/path/${paths++}`;

describe('a trace', () => {
  const tracing = (over: object = {}) =>
    applyToConnections(
      running,
      mesh({
        tracing: { enabled: true, host: '127.0.0.1', port: gathered.port, sampling: 100, ...over },
      }),
      ways,
    );
  const spansOf = (traceId: string) => gathered.spans.filter((span) => span.traceId === traceId);

  it('joins the spans of two hops, where the application passes its context on', async () => {
    await tracing({
      tags: { team: { kind: 'literal', value: 'blue' }, tenant: { kind: 'header', value: 'x-tenant' } },
    });
    const path = somewhere();
    expect((await running.call('web', 'reviews', { path, headers: { 'x-tenant': 'gold' } })).status).toBe(200);
    const spans = await until(
      'four spans of one trace',
      () => {
        const first = gathered.spans.find(({ service: of, tags }) => of === 'web.shop' && tags.tenant === 'gold');
        const all = first ? spansOf(first.traceId) : [];
        return all.length >= 4 && all;
      },
      { patience: 20_000 },
    );
    expect(spans.map((span) => span.service).sort()).toEqual([
      'catalog.shop',
      'reviews.shop',
      'reviews.shop',
      'web.shop',
    ]);
    const chain = (span: Span): readonly string[] => {
      const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
      return [span.service, ...(parent ? chain(parent) : [])];
    };
    const last = spans.find((span) => span.service === 'catalog.shop');
    expect(last && chain(last)).toEqual(['catalog.shop', 'reviews.shop', 'reviews.shop', 'web.shop']);
    const [first] = spans.filter((span) => span.service === 'web.shop');
    expect(first?.tags).toMatchObject({ team: 'blue', tenant: 'gold' });
  });

  it('that the application has begun is continued, recorded or not as it has decided', async () => {
    await tracing({ sampling: 0.01 });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const other = '5bf92f3577b34da6a3ce929d0e0e4736';
    const traced = await running.call('web', 'catalog', {
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    const untraced = await running.call('web', 'catalog', {
      headers: { traceparent: `00-${other}-00f067aa0ba902b7-00` },
    });
    expect(traced.received?.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(untraced.received?.headers.traceparent).toMatch(new RegExp(`^00-${other}-[0-9a-f]{16}-00$`));
    await until('two spans', () => spansOf(traceId).length >= 2, { patience: 20_000 });
    expect(
      spansOf(traceId)
        .map((span) => span.service)
        .sort(),
    ).toEqual(['catalog.shop', 'web.shop']);
    expect(spansOf(traceId).some(({ parentSpanId }) => parentSpanId === '00f067aa0ba902b7')).toBe(true);
    expect(spansOf(other)).toEqual([]);
  });

  it('is begun for a share of requests, within what a fair coin gives', async () => {
    await tracing({ sampling: 25 });
    const answers = await Promise.all(Array.from({ length: 200 }, () => running.call('web', 'catalog')));
    const sampled = answers.filter(({ received }) => received?.headers.traceparent?.endsWith('-01')).length;
    const { least, most } = plausibleCounts(200, 25);
    expect(sampled).toBeGreaterThanOrEqual(least);
    expect(sampled).toBeLessThanOrEqual(most);
  });
});
