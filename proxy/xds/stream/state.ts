import type { Protocol, Report } from '../client';
import type { DeltaRequest, StateRequest, VersionedResource } from '../messages';
import type { ResourceMap } from '../resource';

/**
 * What is known of one stream. It belongs to that stream alone, so steps change it in place: a gateway of ten thousand names
 * is not copied for each acknowledgement.
 */
export interface StreamState {
  readonly protocol: Protocol;
  readonly view: View;
  readonly limits: StepLimits;
  /** By type URL, in the order in which the client has asked. */
  readonly types: Map<string, TypeState>;
  /** Which clusters ask for the endpoints of a name. */
  readonly awaiting: Map<string, Set<string>>;
  /** Of the last response. */
  nonce: number;
}

/** What the client is to have now: {@link Client}. */
export interface View {
  readonly typeUrls: Iterable<string>;
  resources(typeUrl: string): ResourceMap;
}

export interface StepLimits {
  readonly responseBytes: number;
  /** Names that one stream may subscribe to or say that it has, of all types together. */
  readonly names: number;
}

export interface TypeState {
  readonly typeUrl: string;
  wildcard: boolean;
  /** The client has named something, after which an empty list means nothing and no longer everything. */
  named: boolean;
  names: Set<string>;
  /** The first request for all that there are is answered even if there is nothing. */
  owed: boolean;
  /** Versions that the client has, by name. */
  readonly acknowledged: Map<string, string>;
  /** Names that the client may have or not: they were refused together with others. */
  readonly uncertain: Set<string>;
  /** Names that the client knows not to exist. */
  readonly absent: Set<string>;
  /** Names that may have to be sent or removed. */
  readonly stale: Set<string>;
  /** Names that have to be sent whatever the client has. */
  readonly forced: Set<string>;
  readonly refused: Map<string, Refused>;
  /** Parts of a refused response, to be sent one by one until the resource is found that is the cause. */
  suspects: (readonly string[])[];
  /** At most one response waits for its answer. What changes meanwhile goes into the next. */
  inFlight?: InFlight;
  /** State of the world, where a response holds everything: the resources that the client has, or may have of a refused one. */
  held: ResourceMap;
}

export interface Refused {
  readonly version: string;
  readonly reason: string;
}

export interface InFlight {
  readonly nonce: string;
  readonly resources: ReadonlyMap<string, string>;
  readonly removed: readonly string[];
  /** It held everything: what is not in it is gone. */
  readonly complete?: ResourceMap;
}

export type Event =
  | { readonly kind: 'delta'; readonly request: DeltaRequest }
  | { readonly kind: 'stateOfTheWorld'; readonly request: StateRequest }
  | { readonly kind: 'changed'; readonly changes: ReadonlyMap<string, ReadonlySet<string> | 'all'> }
  /** The client takes one more response. Answered with one, or with nothing. */
  | { readonly kind: 'ready' };

export type Action =
  | { readonly kind: 'send'; readonly response: Response }
  | { readonly kind: 'report'; readonly report: Unmeasured }
  /** The client does what the protocol does not know. */
  | { readonly kind: 'end'; readonly reason: string };

/** How many bytes are sent is known to whoever sends them. */
type Unmeasured = Exclude<Report, { readonly kind: 'sent' }>;

export interface Response {
  readonly typeUrl: string;
  readonly nonce: string;
  /** Of all that the client has then of this type; state of the world only. */
  readonly version: string;
  readonly resources: readonly VersionedResource[];
  readonly removed: readonly string[];
}

export function newStream(protocol: Protocol, view: View, limits: StepLimits): StreamState {
  return { protocol, view, limits, types: new Map(), awaiting: new Map(), nonce: 0 };
}

export function newType(typeUrl: string): TypeState {
  return {
    typeUrl,
    wildcard: false,
    named: false,
    names: new Set(),
    owed: false,
    acknowledged: new Map(),
    uncertain: new Set(),
    absent: new Set(),
    stale: new Set(),
    forced: new Set(),
    refused: new Map(),
    suspects: [],
    held: new Map(),
  };
}

export function wants(type: TypeState, name: string): boolean {
  return type.wildcard || type.names.has(name);
}
