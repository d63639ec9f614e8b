import {
  type DurationText,
  type Edge,
  type EnvBinding,
  type Identity,
  type Locator,
  locate,
  names,
  order,
  type Port,
  type Protocol,
} from '../model';
import type { Declaration } from './declaration';
import type { ExternalService } from './external-service';
import { type GrpcMatcher, type HttpMatcher, toRequestMatch } from './match';
import { type HedgingOptions, type RetryOptions, toHedging, toRetries } from './resilience';
import type { Service } from './service';

/** What a call may say whatever the protocol. */
export interface ConnectionCallOptions {
  /**
   * Port of the callee, by number or name.
   * @default - every port it has
   */
  readonly port?: number | string;
  /**
   * Port on which the caller finds the callee, where its own port is taken in the caller's pod.
   * @default - the callee's port
   */
  readonly at?: number;
  /**
   * Variables that tell the caller's containers where the callee is. A name alone carries the address, `host:port`.
   * @default - none
   */
  readonly env?: string | { readonly [name: string]: EnvBinding['value'] };
  /**
   * Time for a whole request, retries included; `0s` for no limit.
   * @default - the mesh's default timeout
   */
  readonly timeout?: DurationText;
}

/** What a call may say where requests can be told apart. */
export interface RequestCallOptions<Matcher> extends ConnectionCallOptions {
  /**
   * The only requests that are part of the edge; one of them must match. All others are denied.
   * @default - every request
   */
  readonly only?: readonly Matcher[];
  /**
   * What is tried again.
   * @default - the mesh's default retries
   */
  readonly retries?: RetryOptions;
  /**
   * Whether a second request is sent when the first is slow.
   * @default - no
   */
  readonly hedging?: HedgingOptions;
}

/** Options of a call, by the protocol of the port that is called. */
export type CallOptions<P extends Protocol> = P extends 'grpc'
  ? RequestCallOptions<GrpcMatcher>
  : P extends 'http' | 'http2'
    ? RequestCallOptions<HttpMatcher>
    : ConnectionCallOptions;

/** What can be called. */
export type Callee<P extends Protocol> = Service<string, P> | ExternalService<P>;

/** The calls of one caller. */
export class Calls {
  private readonly declared: { readonly callee: Callee<Protocol>; readonly options: AnyCallOptions }[] = [];

  constructor(
    private readonly declaration: Declaration,
    private readonly caller: () => Identity,
  ) {}

  add(callee: Callee<Protocol>, options: AnyCallOptions): void {
    this.declared.push({ callee, options });
    this.declaration.changed();
  }

  edges(): readonly Edge[] {
    return this.declared.flatMap(({ callee, options }) => this.edgesTo(callee, options));
  }

  locators(): readonly Locator[] {
    return this.edges().map((edge) =>
      locate('Edge', { namespace: edge.from.namespace, name: names.edgeObject(edge.from, edge.to, edge.port) }),
    );
  }

  private edgesTo(callee: Callee<Protocol>, options: AnyCallOptions): readonly Edge[] {
    const target = callee._target();
    const all = target.ports.filter((port) => port.protocol !== 'udp');
    const chosen =
      options.port === undefined ? all : all.filter((port) => port.port === options.port || port.name === options.port);
    const shown = `${target.name} has ${all.map((port) => `${port.name} (${port.port})`).join(', ') || 'no port that can be called'}`;
    if (chosen.length === 0) {
      this.declaration.mistake(
        'MESH0301',
        options.port === undefined
          ? shown
          : `calls(${target.name}) names port ${JSON.stringify(options.port)}, but ${shown}`,
        options.port === undefined ? `declare a port of ${target.name}` : 'name one of its ports',
      );
    }
    if (chosen.length > 1 && (options.at !== undefined || options.env !== undefined)) {
      this.declaration.mistake(
        'MESH0302',
        `calls(${target.name}) gives one \`at\` or \`env\` for several ports: ${shown}`,
        'say which port with `port`, one call for each',
      );
      return [];
    }
    return chosen.map((port) => this.edge(callee, port, options));
  }

  private edge(callee: Callee<Protocol>, port: Port, options: AnyCallOptions): Edge {
    const { declaration } = this;
    const target = callee._target();
    return {
      from: this.caller(),
      to: { kind: target.kind, namespace: target.namespace, name: target.name },
      port: port.port,
      only: (options.only ?? []).map(toRequestMatch),
      timeout: declaration.duration('timeout', options.timeout),
      retries: toRetries(declaration, options.retries),
      hedging: toHedging(declaration, options.hedging),
      at: options.at,
      env: toEnv(options.env),
    };
  }
}

type AnyCallOptions = RequestCallOptions<HttpMatcher | GrpcMatcher>;

function toEnv(env: ConnectionCallOptions['env']): readonly EnvBinding[] {
  if (env === undefined) return [];
  if (typeof env === 'string') return [{ name: env, value: 'address' }];
  return Object.entries(env)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => order(a.name, b.name));
}
