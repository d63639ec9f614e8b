import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../../lib/model';
import type { GrpcCall } from './grpc';
import type { Answer, Request } from './http-client';
import { Mesh, type MeshOptions } from './mesh';
import type { Received } from './received';

/**
 * One case: a mesh, what is asked of it, and what comes of that. It is plain data, so that whoever interprets the model can be
 * held against it; here real proxies do, with real requests.
 */
export interface Case {
  readonly name: string;
  readonly model: Model;
  readonly exchanges: readonly Exchange[];
}

export type Exchange = {
  /** Whose application sends it. */
  readonly from: string;
  /** The name that it calls. */
  readonly to: string;
  readonly port?: number;
  readonly outcome: Outcome;
} & ({ readonly request?: Request } | { readonly grpc: GrpcCall });

export interface Outcome {
  /** Of HTTP. Absent: 200. */
  readonly status?: number;
  /** Of gRPC. Absent: 0. */
  readonly code?: number;
  /** The answer comes from an instance whose name begins so: `catalog-v2`. */
  readonly reaches?: string;
  /** The body is this, where no instance answers. */
  readonly text?: string | RegExp;
  /** Headers of the answer. Null: not there. */
  readonly headers?: { readonly [name: string]: string | RegExp | null };
  /** The request as the application got it. */
  readonly received?: {
    readonly method?: string;
    readonly path?: string;
    readonly host?: string | RegExp;
    readonly headers?: { readonly [name: string]: string | RegExp | null };
  };
}

/** One mesh of real proxies that becomes the mesh of each case, live. */
export function provenOnEnvoy(title: string, options: MeshOptions, list: readonly Case[]): void {
  describe(title, () => {
    let mesh: Mesh;
    beforeAll(async () => {
      const [first] = list;
      if (!first) throw new Error('there are no cases');
      mesh = await Mesh.start(first.model, options);
    });
    afterAll(() => mesh?.stop());
    for (const one of list) {
      it(one.name, async () => {
        await mesh.apply(one.model);
        await expectExchanges(mesh, one.exchanges);
      });
    }
  });
}

export async function expectExchanges(mesh: Mesh, exchanges: readonly Exchange[]): Promise<void> {
  for (const exchange of exchanges) await expectExchange(mesh, exchange);
}

async function expectExchange(mesh: Mesh, exchange: Exchange): Promise<void> {
  const { from, to, port, outcome } = exchange;
  if ('grpc' in exchange) {
    const { grpc } = exchange;
    const answer = await mesh.grpc(from, to, { ...grpc, ...(port === undefined ? {} : { port }) });
    const what = `${from} → ${to} ${JSON.stringify(grpc)}`;
    expect(answer.code, `${what}: ${answer.details}`).toBe(outcome.code ?? 0);
    if (outcome.reaches !== undefined) expect(answer.messages.join(), what).toMatch(startingWith(outcome.reaches));
    if (outcome.text !== undefined) expectText(answer.details, outcome.text, what);
    return;
  }
  const answer = await mesh.call(from, to, { ...exchange.request, ...(port === undefined ? {} : { port }) });
  expectAnswer(answer, outcome, `${from} → ${to} ${JSON.stringify(exchange.request ?? {})}`);
}

export function expectAnswer(answer: Answer, outcome: Outcome, what: string): void {
  const told = `${what}: ${answer.status} ${answer.text.slice(0, 500)}`;
  expect(answer.status, told).toBe(outcome.status ?? 200);
  if (outcome.text !== undefined) expectText(answer.text, outcome.text, told);
  if (outcome.reaches !== undefined)
    expect(answer.received?.instance ?? '', told).toMatch(startingWith(outcome.reaches));
  expectHeaders(answer.headers, outcome.headers ?? {}, told);
  if (!outcome.received) return;
  const received: Partial<Received> = answer.received ?? {};
  const { method, path, host, headers = {} } = outcome.received;
  if (method !== undefined) expect(received.method, told).toBe(method);
  if (path !== undefined) expect(received.path, told).toBe(path);
  if (host !== undefined) expectText(received.host ?? '', host, told);
  expectHeaders(received.headers ?? {}, headers, told);
}

function expectHeaders(
  actual: { readonly [name: string]: string },
  wanted: NonNullable<Outcome['headers']>,
  told: string,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (value === null) expect(actual, told).not.toHaveProperty(name);
    else expectText(actual[name] ?? '(no such header)', value, `${told}\nheader ${name}`);
  }
}

function expectText(actual: string, wanted: string | RegExp, told: string): void {
  if (typeof wanted === 'string') expect(actual, told).toBe(wanted);
  else expect(actual, told).toMatch(wanted);
}

function startingWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}
