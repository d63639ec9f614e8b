import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Node } from './client';
import type { Resource } from './resource';

/**
 * The messages of xDS, read and written by hand: a request is a few strings (and a node with hundreds of extensions that nobody
 * asks for), a response is bytes that are there already. Fields by number:
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto
 */

export interface DeltaRequest {
  readonly node?: Node;
  readonly typeUrl: string;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Versions that the client has, by name. Of the first request for a type only. */
  readonly initialVersions: ReadonlyMap<string, string>;
  /** Of the response that it answers; empty if it answers none. */
  readonly nonce: string;
  /** Why that response is refused. */
  readonly error?: string;
}

export interface StateRequest {
  readonly node?: Node;
  readonly typeUrl: string;
  /** Of the last response that the client has accepted; empty if there is none. */
  readonly version: string;
  readonly names: readonly string[];
  readonly nonce: string;
  readonly error?: string;
}

/** @throws Error on what is no such message */
export function readDeltaRequest(bytes: Uint8Array): DeltaRequest {
  const request: Changing<DeltaRequest> = {
    typeUrl: '',
    subscribe: [],
    unsubscribe: [],
    initialVersions: new Map(),
    nonce: '',
  };
  const subscribe: string[] = [];
  const unsubscribe: string[] = [];
  const initialVersions = new Map<string, string>();
  eachField(bytes, (field, reader) => {
    if (field === 1) request.node = readNode(reader.bytes());
    else if (field === 2) request.typeUrl = reader.string();
    else if (field === 3) subscribe.push(reader.string());
    else if (field === 4) unsubscribe.push(reader.string());
    else if (field === 5) initialVersions.set(...readEntry(reader.bytes()));
    else if (field === 6) request.nonce = reader.string();
    else if (field === 7) request.error = readError(reader.bytes());
    else return false;
    return true;
  });
  return { ...request, subscribe, unsubscribe, initialVersions };
}

/** @throws Error on what is no such message */
export function readStateRequest(bytes: Uint8Array): StateRequest {
  const request: Changing<StateRequest> = { typeUrl: '', version: '', names: [], nonce: '' };
  const names: string[] = [];
  eachField(bytes, (field, reader) => {
    if (field === 1) request.version = reader.string();
    else if (field === 2) request.node = readNode(reader.bytes());
    else if (field === 3) names.push(reader.string());
    else if (field === 4) request.typeUrl = reader.string();
    else if (field === 5) request.nonce = reader.string();
    else if (field === 6) request.error = readError(reader.bytes());
    else return false;
    return true;
  });
  return { ...request, names };
}

type Changing<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Calls back for each field with a length, which must be read or declined; skips the others. */
function eachField(bytes: Uint8Array, read: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited || !read(field, reader)) reader.skip(wireType, field);
  }
}

function readNode(bytes: Uint8Array): Node {
  const node = { id: '', cluster: '', locality: { region: '', zone: '', subZone: '' }, userAgent: '' };
  eachField(bytes, (field, reader) => {
    if (field === 1) node.id = reader.string();
    else if (field === 2) node.cluster = reader.string();
    else if (field === 4) node.locality = readLocality(reader.bytes());
    else if (field === 6) node.userAgent = reader.string();
    else return false;
    return true;
  });
  return node;
}

function readLocality(bytes: Uint8Array): Node['locality'] {
  const locality = { region: '', zone: '', subZone: '' };
  eachField(bytes, (field, reader) => {
    if (field === 1) locality.region = reader.string();
    else if (field === 2) locality.zone = reader.string();
    else if (field === 3) locality.subZone = reader.string();
    else return false;
    return true;
  });
  return locality;
}

function readEntry(bytes: Uint8Array): [string, string] {
  const entry: [string, string] = ['', ''];
  eachField(bytes, (field, reader) => {
    if (field === 1) entry[0] = reader.string();
    else if (field === 2) entry[1] = reader.string();
    else return false;
    return true;
  });
  return entry;
}

/** Of a `google.rpc.Status` the message; there are such without one. */
function readError(bytes: Uint8Array): string {
  let message = '';
  eachField(bytes, (field, reader) => {
    if (field !== 2) return false;
    message = reader.string();
    return true;
  });
  return message || 'no reason given';
}

/** What goes over the wire: parts, of which the bytes of resources are shared with other streams. */
export type Parts = readonly Uint8Array[];

export interface VersionedResource {
  readonly resource: Resource;
  readonly version: string;
}

/** A DeltaDiscoveryResponse. */
export function writeDeltaResponse(response: {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly VersionedResource[];
  readonly removed: readonly string[];
}): Parts {
  const head = new BinaryWriter();
  for (const name of response.removed) head.uint32(lengthDelimited(6)).string(name);
  head.uint32(lengthDelimited(4)).string(response.typeUrl).uint32(lengthDelimited(5)).string(response.nonce);
  return [head.finish(), ...response.resources.flatMap(wrapped)];
}

/** A Resource, which names and versions what it holds. */
function wrapped({ resource, version }: VersionedResource): Uint8Array[] {
  const inner = new BinaryWriter().uint32(lengthDelimited(3)).string(resource.name);
  inner.uint32(lengthDelimited(1)).string(version).uint32(lengthDelimited(2)).uint32(resource.bytes.length);
  const head = inner.finish();
  const outer = new BinaryWriter().uint32(lengthDelimited(2)).uint32(head.length + resource.bytes.length);
  return [outer.raw(head).finish(), resource.bytes];
}

/** A DiscoveryResponse. */
export function writeStateResponse(response: {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly version: string;
  readonly resources: readonly VersionedResource[];
}): Parts {
  const head = new BinaryWriter().uint32(lengthDelimited(1)).string(response.version);
  head.uint32(lengthDelimited(4)).string(response.typeUrl).uint32(lengthDelimited(5)).string(response.nonce);
  return [head.finish(), ...response.resources.flatMap(({ resource }) => bare(resource))];
}

function bare(resource: Resource): Uint8Array[] {
  return [new BinaryWriter().uint32(lengthDelimited(2)).uint32(resource.bytes.length).finish(), resource.bytes];
}

function lengthDelimited(field: number): number {
  return (field << 3) | WireType.LengthDelimited;
}
