import type { ResourceMap } from './resource';

/** What one stream is to have and where news of it goes: the control plane's side of a stream, made when a proxy connects. */
export interface Client {
  /** Whom logs name: the pod, `namespace/name`. */
  readonly key: string;
  /** Types of which it is to have something. */
  readonly typeUrls: Iterable<string>;
  /** What it is to have of a type now. All types together are one consistent state at any time. */
  resources(typeUrl: string): ResourceMap;
  /** Asked once: calls back after each change. What changes together is told together, so that it is sent in the right order. */
  watch(listener: (changes: Changes) => void): void;
  /** What became of it. */
  report(report: Report): void;
  /** The stream is gone; nothing is asked or reported any more. */
  close(): void;
}

/** Names that may differ (changed, new or gone), by type; `all` where nobody has counted them. */
export type Changes = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

export type Report =
  | { readonly kind: 'subscribed'; readonly typeUrl: string; readonly names: Subscribed }
  | ({ readonly kind: 'sent'; readonly bytes: number } & Delivery)
  | ({ readonly kind: 'acknowledged' } & Delivery)
  /** The client keeps what it had. The refused versions are not sent again. */
  | ({ readonly kind: 'refused'; readonly reason: string } & Delivery);

/** Names, or all that there are of a type. */
export type Subscribed = ReadonlySet<string> | 'all';

/** One response: what it held. */
export interface Delivery {
  readonly typeUrl: string;
  /** Unique in its stream, in the order of sending. */
  readonly nonce: string;
  /** Versions by name. */
  readonly resources: ReadonlyMap<string, string>;
  readonly removed: readonly string[];
}

/** What a client says about itself when it connects. None of it is proven. */
export interface Node {
  readonly id: string;
  readonly cluster: string;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  /** `envoy`, `gRPC Node Pure JS`. */
  readonly userAgent: string;
}

/** How far a stream is with one type. */
export interface TypeStatus {
  readonly typeUrl: string;
  readonly subscribed: Subscribed;
  /** Versions that it has acknowledged, or said it has when it connected, by name. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Sent and not answered yet. */
  readonly inFlight?: Delivery;
  /** What it would not take, by name. */
  readonly refused: ReadonlyMap<string, { readonly version: string; readonly reason: string }>;
}

export interface StreamStatus {
  /** {@link Client.key} */
  readonly key: string;
  readonly protocol: Protocol;
  readonly node: Node;
  /** Address and port of the other side. */
  readonly peer: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** All that it is to have is acknowledged, and nothing is refused. */
  readonly settled: boolean;
  readonly types: readonly TypeStatus[];
}

/** Only what differs, or all that there is of a type in each response. */
export type Protocol = 'delta' | 'stateOfTheWorld';
