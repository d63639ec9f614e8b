import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { decode, encode } from '../../support/envoy/registry';

/**
 * Services that proxies ask over gRPC by Envoy's and OpenTelemetry's own messages: external authorization, rate limits, and the
 * collector of traces and logs. Each is a real server, which is told what to say.
 */

type Json = { readonly [field: string]: unknown };

/** A method, its messages, and what is said to a request. */
interface Method {
  readonly path: string;
  readonly request: string;
  readonly response: string;
  readonly answer: (request: Json) => Json;
}

export interface GrpcServer {
  readonly port: number;
  close(): void;
}

async function serve(port: number, methods: readonly Method[]): Promise<GrpcServer> {
  const server = new Server();
  for (const { path, request, response, answer } of methods) {
    const handle: handleUnaryCall<Json, Json> = (call, done) => done(null, answer(call.request));
    server.addService(
      {
        method: {
          path,
          requestStream: false,
          responseStream: false,
          requestSerialize: (message: Json) => Buffer.from(encode(message, request)),
          requestDeserialize: (bytes: Buffer) => decode(bytes, request),
          responseSerialize: (message: Json) => Buffer.from(encode(message, response)),
          responseDeserialize: (bytes: Buffer) => decode(bytes, response),
        },
      },
      { method: handle },
    );
  }
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    ),
  );
  return { port: bound, close: () => server.forceShutdown() };
}

/** What external authorization is asked: the part of the request that it is shown. */
export interface Check {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: { readonly [name: string]: string };
  /** SPIFFE ID of the caller. */
  readonly principal: string;
}

/** Answers 200, or another status, with which the request is refused. */
export interface Verdict {
  readonly status: number;
  readonly body?: string;
  /** Set on the request that is let through. */
  readonly headers?: { readonly [name: string]: string };
}

export async function authorizationServer(
  port: number,
  verdict: (check: Check) => Verdict,
): Promise<GrpcServer & { readonly checks: Check[] }> {
  const checks: Check[] = [];
  const answer = (request: Json): Json => {
    const { source = {}, request: attributes = {} } = (request.attributes ?? {}) as {
      readonly source?: { readonly principal?: string };
      readonly request?: { readonly http?: Partial<Check> };
    };
    const { method = '', path = '', host = '', headers = {} } = attributes.http ?? {};
    const check = { method, path, host, headers, principal: source.principal ?? '' };
    checks.push(check);
    const { status, body = '', headers: set = {} } = verdict(check);
    if (status !== 200) return { status: { code: 7 }, deniedResponse: { status: { code: statusName(status) }, body } };
    const options = Object.entries(set).map(([key, value]) => ({ header: { key, value } }));
    return { status: {}, okResponse: { headers: options } };
  };
  const server = await serve(port, [
    {
      path: '/envoy.service.auth.v3.Authorization/Check',
      request: 'envoy.service.auth.v3.CheckRequest',
      response: 'envoy.service.auth.v3.CheckResponse',
      answer,
    },
  ]);
  return { ...server, checks };
}

function statusName(status: number): string {
  const names: { readonly [status: number]: string } = {
    401: 'Unauthorized',
    402: 'PaymentRequired',
    403: 'Forbidden',
  };
  return names[status] ?? 'Forbidden';
}

/** One question to a rate limit service: a domain and the entries of one descriptor. */
export interface Asked {
  readonly domain: string;
  readonly descriptors: readonly (readonly { readonly key: string; readonly value: string }[])[];
}

/** Counts for everybody who asks: `over` says when it is enough. */
export async function rateLimitServer(
  port: number,
  over: (asked: Asked, before: number) => boolean,
): Promise<GrpcServer & { readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const counts = new Map<string, number>();
  const answer = (request: Json): Json => {
    const { domain, descriptors = [] } = request as {
      readonly domain: string;
      readonly descriptors?: readonly { readonly entries: Asked['descriptors'][number] }[];
    };
    const one: Asked = { domain, descriptors: descriptors.map(({ entries }) => entries) };
    asked.push(one);
    const key = JSON.stringify(one);
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    return { overallCode: over(one, before) ? 'OVER_LIMIT' : 'OK' };
  };
  const server = await serve(port, [
    {
      path: '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit',
      request: 'envoy.service.ratelimit.v3.RateLimitRequest',
      response: 'envoy.service.ratelimit.v3.RateLimitResponse',
      answer,
    },
  ]);
  return { ...server, asked };
}

export interface Span {
  readonly service: string;
  readonly name: string;
  /** Hexadecimal. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** `SPAN_KIND_SERVER`, `SPAN_KIND_CLIENT` */
  readonly kind: string;
  readonly tags: { readonly [key: string]: string };
}

export interface LogRecord {
  readonly service: string;
  readonly body: string;
  readonly attributes: { readonly [key: string]: string };
}

/** A collector of OpenTelemetry. https://opentelemetry.io/docs/specs/otlp/ */
export async function collector(
  port: number,
): Promise<GrpcServer & { readonly spans: Span[]; readonly records: LogRecord[] }> {
  const spans: Span[] = [];
  const records: LogRecord[] = [];
  const server = await serve(port, [
    {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      request: 'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest',
      response: 'opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse',
      answer: (request) => {
        spans.push(...spansOf(request as unknown as TraceRequest));
        return {};
      },
    },
    {
      path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
      request: 'opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest',
      response: 'opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse',
      answer: (request) => {
        records.push(...recordsOf(request as unknown as LogsRequest));
        return {};
      },
    },
  ]);
  return { ...server, spans, records };
}

interface Attribute {
  readonly key: string;
  readonly value?: { readonly stringValue?: string };
}

interface Resource {
  readonly attributes?: readonly Attribute[];
}

interface TraceRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: Resource;
    readonly scopeSpans?: readonly {
      readonly spans?: readonly {
        readonly name?: string;
        readonly kind?: string;
        readonly traceId?: string;
        readonly spanId?: string;
        readonly parentSpanId?: string;
        readonly attributes?: readonly Attribute[];
      }[];
    }[];
  }[];
}

function spansOf({ resourceSpans = [] }: TraceRequest): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        service: serviceOf(resource),
        name: span.name ?? '',
        kind: span.kind ?? '',
        traceId: hexadecimal(span.traceId),
        spanId: hexadecimal(span.spanId),
        parentSpanId: hexadecimal(span.parentSpanId),
        tags: textsOf(span.attributes),
      })),
    ),
  );
}

interface LogsRequest {
  readonly resourceLogs?: readonly {
    readonly resource?: Resource;
    readonly scopeLogs?: readonly {
      readonly logRecords?: readonly {
        readonly body?: { readonly stringValue?: string };
        readonly attributes?: readonly Attribute[];
      }[];
    }[];
  }[];
}

function recordsOf({ resourceLogs = [] }: LogsRequest): LogRecord[] {
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ logRecords = [] }) =>
      logRecords.map(({ body, attributes }) => ({
        service: serviceOf(resource),
        body: body?.stringValue ?? '',
        attributes: textsOf(attributes),
      })),
    ),
  );
}

function serviceOf(resource: Resource | undefined): string {
  return textsOf(resource?.attributes)['service.name'] ?? '';
}

function textsOf(attributes: readonly Attribute[] = []): { readonly [key: string]: string } {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value?.stringValue ?? '']));
}

/** Bytes are base64 in protobuf's JSON. */
function hexadecimal(bytes: string | undefined): string {
  return Buffer.from(bytes ?? '', 'base64').toString('hex');
}
