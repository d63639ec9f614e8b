import { once } from 'node:events';
import {
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import type { Backend, BackendOptions } from './backend';
import { caseHeader, type Received, type Reply, replyHeader } from './received';

/**
 * A gRPC service of all four kinds of calls; its messages are texts, as no `.proto` is needed to carry them. Replies say how a
 * call ends: `status` is gRPC's.
 */

/** `/shop.v1.Echo/Once` and so on. */
export const echoService = 'shop.v1.Echo';

const kinds = {
  Once: { requestStream: false, responseStream: false },
  Many: { requestStream: false, responseStream: true },
  Collect: { requestStream: true, responseStream: false },
  Chat: { requestStream: true, responseStream: true },
} as const;

export type EchoMethod = keyof typeof kinds;

const toBytes = (text: string) => Buffer.from(text);
const fromBytes = (bytes: Buffer) => bytes.toString('utf8');

function definition(service: string): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(kinds).map(([method, kind]) => [
      method,
      {
        path: `/${service}/${method}`,
        ...kind,
        requestSerialize: toBytes,
        requestDeserialize: fromBytes,
        responseSerialize: toBytes,
        responseDeserialize: fromBytes,
      },
    ]),
  );
}

/** Of one field, a number. https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const [serving, notServing] = ['\x08\x01', '\x08\x02'];

const healthDefinition: ServiceDefinition = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: toBytes,
    // gRPC's library takes an empty text for no message.
    requestDeserialize: () => 'asked',
    responseSerialize: toBytes,
    responseDeserialize: fromBytes,
  },
};

/** Serves the echo service, under other names too, and says by gRPC's own service whether it is well. */
export async function grpcBackend(
  options: BackendOptions,
  services: readonly string[] = [echoService, 'shop.v1.Other'],
): Promise<Backend> {
  const received: Received[] = [];
  const tries = new Map<string, number>();
  let told: Reply | undefined;
  const arrive = (metadata: Metadata, path: string, host: string) => {
    const { instance, service, version, port } = options;
    const headers = Object.fromEntries(Object.entries(metadata.getMap()).map(([name, value]) => [name, String(value)]));
    received.push({
      instance,
      service,
      ...(version === undefined ? {} : { version }),
      port,
      httpVersion: '2.0',
      method: 'POST',
      path,
      host,
      headers,
      body: { bytes: 0, sha1: '' },
    });
    const text = headers[replyHeader];
    const reply = told ?? (text === undefined ? {} : (JSON.parse(text) as Reply));
    const before = tries.get(headers[caseHeader] ?? '') ?? 0;
    tries.set(headers[caseHeader] ?? '', before + 1);
    const asked = reply.times !== undefined && before >= reply.times ? {} : reply;
    return {
      delay: new Promise<void>((resolve) => (asked.delay === undefined ? resolve() : setTimeout(resolve, asked.delay))),
      failure: asked.status === undefined ? undefined : failureOf(asked.status),
    };
  };
  const name = options.instance;
  const server = new Server();
  for (const service of services) {
    const Once: handleUnaryCall<string, string> = async (call, done) => {
      const { delay, failure } = arrive(call.metadata, call.getPath(), call.getHost());
      await delay;
      done(failure ?? null, `${name}: ${call.request}`);
    };
    const Many: handleServerStreamingCall<string, string> = async (call) => {
      const { delay, failure } = arrive(call.metadata, call.getPath(), call.getHost());
      await delay;
      if (failure) return void call.emit('error', failure);
      for (const part of call.request.split(' ')) call.write(`${name}: ${part}`);
      call.end();
    };
    const Collect: handleClientStreamingCall<string, string> = async (call, done) => {
      const { delay, failure } = arrive(call.metadata, call.getPath(), call.getHost());
      const parts: string[] = [];
      call.on('data', (part: string) => parts.push(part));
      await once(call, 'end');
      await delay;
      done(failure ?? null, `${name}: ${parts.join(' ')}`);
    };
    const Chat: handleBidiStreamingCall<string, string> = (call) => {
      arrive(call.metadata, call.getPath(), call.getHost());
      call.on('data', (part: string) => call.write(`${name}: ${part}`));
      call.on('end', () => call.end());
      call.on('error', () => {});
    };
    server.addService(definition(service), { Once, Many, Collect, Chat });
  }
  const health: handleUnaryCall<string, string> = (_, done) =>
    done(null, told?.status === undefined ? serving : notServing);
  server.addService(healthDefinition, { Check: health });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(
      `${options.address ?? '127.0.0.1'}:${options.port}`,
      ServerCredentials.createInsecure(),
      (error) => (error ? reject(error) : resolve()),
    ),
  );
  return {
    options,
    received,
    reply: (reply) => {
      told = reply;
    },
    drop: () => {},
    close: async () => server.forceShutdown(),
  };
}

function failureOf(code: number): Partial<StatusObject> & Error {
  return Object.assign(new Error('as it was told'), { code, details: 'as it was told' });
}

export interface GrpcCall {
  readonly method: EchoMethod;
  /** Absent: {@link echoService}. */
  readonly service?: string;
  readonly messages: readonly string[];
  readonly metadata?: { readonly [name: string]: string };
  readonly reply?: Reply;
  /** Milliseconds. */
  readonly deadline?: number;
}

export interface GrpcAnswer {
  readonly code: number;
  readonly details: string;
  readonly messages: readonly string[];
}

/** Calls as a stub would; of `Chat` each message is sent when the one before has been answered. */
export async function callGrpc(
  where: { readonly port: number; readonly address?: string; readonly authority?: string },
  { method, service = echoService, messages, metadata = {}, reply, deadline = 10_000 }: GrpcCall,
): Promise<GrpcAnswer> {
  const client = new Client(`${where.address ?? '127.0.0.1'}:${where.port}`, credentials.createInsecure(), {
    ...(where.authority === undefined ? {} : { 'grpc.default_authority': where.authority }),
    // What is tried again is the proxies' affair.
    'grpc.enable_retries': 0,
  });
  const sent = new Metadata();
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
  if (reply) {
    sent.set(replyHeader, JSON.stringify(reply));
    sent.set(caseHeader, `grpc-${calls++}`);
  }
  const options = { deadline: Date.now() + deadline };
  const path = `/${service}/${method}`;
  const answers: string[] = [];
  try {
    return await new Promise<GrpcAnswer>((resolve) => {
      const finish = (error: ServiceError | null, answer?: string) => {
        if (answer !== undefined) answers.push(answer);
        resolve({ code: error?.code ?? 0, details: error?.details ?? '', messages: answers });
      };
      const [first = ''] = messages;
      if (method === 'Once') {
        client.makeUnaryRequest(path, toBytes, fromBytes, first, sent, options, finish);
      } else if (method === 'Many') {
        const call = client.makeServerStreamRequest(path, toBytes, fromBytes, first, sent, options);
        call.on('data', (part: string) => answers.push(part)).on('error', () => {});
        call.on('status', ({ code, details }) => resolve({ code, details, messages: answers }));
      } else if (method === 'Collect') {
        const call = client.makeClientStreamRequest(path, toBytes, fromBytes, sent, options, finish);
        for (const message of messages) call.write(message);
        call.end();
      } else {
        const call = client.makeBidiStreamRequest(path, toBytes, fromBytes, sent, options);
        const rest = [...messages];
        const next = () => {
          const message = rest.shift();
          if (message === undefined) call.end();
          else call.write(message);
        };
        call.on('data', (part: string) => {
          answers.push(part);
          next();
        });
        call.on('error', () => {});
        call.on('status', ({ code, details }) => resolve({ code, details, messages: answers }));
        next();
      }
    });
  } finally {
    client.close();
  }
}

let calls = 0;
