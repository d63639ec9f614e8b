import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  type Capture,
  type Certificates,
  type DurationText,
  defaults,
  type Mesh as MeshModel,
  type MutualTls,
  type Resources,
  type RootOfTrust,
  type Value,
} from '../model';
import { writeInApplyOrder } from './apply-order';
import { Declaration } from './declaration';
import { type RetryOptions, toRetries } from './resilience';
import { type TelemetryOptions, toTelemetry } from './telemetry';

export interface MeshProps {
  /** Authority of every identity of the mesh: `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`. It cannot change later. */
  readonly trustDomain: Value<string>;
  /** Namespace of the control plane. @default meshwright-system */
  readonly namespace?: string;
  /** DNS domain of the cluster's Services. @default cluster.local */
  readonly clusterDomain?: string;
  /** @default - a day for each proxy, from a root that is made in the cluster */
  readonly certificates?: CertificateOptions;
  /** Whether plain text is refused (`strict`), or accepted while callers move into the mesh (`permissive`). @default strict */
  readonly mutualTls?: MutualTls;
  /** How traffic comes to the sidecars: {@link Capture}. @default - by names */
  readonly capture?: Capture;
  /** What pods of the mesh may reach inside it: each inbound port (`open`), or only what they declare (`declared`). @default open */
  readonly networkPolicies?: 'open' | 'declared' | 'none';
  /** @default - 15s for a request, and two more tries of what the application cannot have seen */
  readonly defaults?: { readonly timeout?: DurationText; readonly retries?: RetryOptions };
  /** @default - failed requests are logged, metrics and alerts are on, tracing is off */
  readonly telemetry?: TelemetryOptions;
  /** @default - two replicas */
  readonly controlPlane?: {
    readonly image?: Value<string>;
    readonly replicas?: Value<number>;
    readonly resources?: Resources;
  };
  /** Of sidecars and gateways. @default - a stock Envoy with one worker thread */
  readonly proxy?: {
    readonly image?: Value<string>;
    readonly resources?: Resources;
    readonly concurrency?: Value<number>;
  };
  /** Writes the custom resource definitions of Gateway API too, of this channel. @default - they are in the cluster already */
  readonly gatewayApi?: 'standard' | 'experimental';
}

export interface CertificateOptions {
  /** Of each proxy; renewed at half of it. @default 24h */
  readonly lifetime?: DurationText;
  /** Where the root of trust comes from: {@link Root}. @default - made in the cluster on first start, for ten years */
  readonly root?: RootOptions;
}

export type RootOptions =
  | { readonly kind: 'generated'; readonly lifetime?: DurationText }
  | {
      readonly kind: 'certManager';
      readonly issuer: Value<string>;
      readonly issuerKind?: 'Issuer' | 'ClusterIssuer';
      readonly lifetime?: DurationText;
    }
  | { readonly kind: 'secret'; readonly name: Value<string> };

/** Where the root of trust comes from. */
export const Root = {
  /** Made in the cluster on first start and kept in a Secret there. */
  generated: (options: { readonly lifetime?: DurationText } = {}): RootOptions => ({ kind: 'generated', ...options }),
  /** An issuer of cert-manager signs an intermediate certificate (of a year, unless said otherwise). */
  certManager: (options: {
    readonly issuer: Value<string>;
    readonly issuerKind?: 'Issuer' | 'ClusterIssuer';
    readonly lifetime?: DurationText;
  }): RootOptions => ({ kind: 'certManager', ...options }),
  /** A Secret of the control plane's namespace with `tls.crt`, `tls.key` and `ca.crt`. */
  secret: (name: Value<string>): RootOptions => ({ kind: 'secret', name }),
};

/**
 * The declaration of a mesh: one for an app. It is a chart of its own, with everything that is of the whole mesh, and has another beside it, with
 * the custom resource definitions.
 */
export class MeshChart extends Chart {
  /** @internal */
  readonly _declaration: Declaration;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MeshProps,
  ) {
    super(scope, id, { namespace: props.namespace ?? defaults.namespace, disableResourceNameHashes: true });
    // Named so that it comes before the mesh's own file, and a chart of its own so that it can be applied first.
    const definitions = new Chart(scope, `${id}-definitions`, { disableResourceNameHashes: true });
    writeInApplyOrder(definitions);
    this._declaration = new Declaration(this, {
      mesh: { settings: () => this.toModel(), definitions },
      locators: () => [`Mesh ${id}`],
    });
  }

  private toModel(): MeshModel {
    const { props, _declaration: declaration } = this;
    return {
      name: this.node.id,
      namespace: props.namespace ?? defaults.namespace,
      trustDomain: declaration.text('trustDomain', props.trustDomain),
      clusterDomain: props.clusterDomain ?? defaults.clusterDomain,
      certificates: this.certificates(),
      mutualTls: props.mutualTls ?? 'strict',
      capture: props.capture ?? defaults.capture,
      networkPolicies: props.networkPolicies ?? 'open',
      defaults: {
        timeout: declaration.duration('defaults.timeout', props.defaults?.timeout) ?? defaults.traffic.timeout,
        retries: toRetries(declaration, props.defaults?.retries) ?? defaults.traffic.retries,
      },
      telemetry: { ...defaults.telemetry, ...given(toTelemetry(declaration, props.telemetry ?? {})) },
      controlPlane: {
        image: declaration.text('controlPlane.image', props.controlPlane?.image ?? defaults.controlPlane.image),
        replicas: declaration.amount(
          'controlPlane.replicas',
          props.controlPlane?.replicas ?? defaults.controlPlane.replicas,
        ),
        resources: props.controlPlane?.resources ?? defaults.controlPlane.resources,
      },
      proxy: {
        image: declaration.text('proxy.image', props.proxy?.image ?? defaults.proxy.image),
        resources: props.proxy?.resources ?? defaults.proxy.resources,
        concurrency: declaration.amount('proxy.concurrency', props.proxy?.concurrency ?? defaults.proxy.concurrency),
      },
      gatewayApi: props.gatewayApi,
    };
  }

  private certificates(): Certificates {
    const options = this.props.certificates;
    return {
      lifetime:
        this._declaration.duration('certificates.lifetime', options?.lifetime) ?? defaults.certificates.lifetime,
      root: this.root(options?.root ?? Root.generated()),
    };
  }

  private root(options: RootOptions): RootOfTrust {
    const { _declaration: declaration } = this;
    if (options.kind === 'secret')
      return { kind: 'secret', name: declaration.text('certificates.root.name', options.name) };
    const lifetime = declaration.duration('certificates.root.lifetime', options.lifetime);
    if (options.kind === 'generated')
      return { kind: 'generated', lifetime: lifetime ?? defaults.certificates.root.lifetime };
    return {
      kind: 'certManager',
      issuer: {
        name: declaration.text('certificates.root.issuer', options.issuer),
        kind: options.issuerKind ?? 'ClusterIssuer',
      },
      lifetime: lifetime ?? 365 * 24 * 3_600_000,
    };
  }
}

/** Only the keys that have a value. */
function given<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== undefined)) as Partial<T>;
}
