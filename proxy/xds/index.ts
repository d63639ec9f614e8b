/**
 * xDS over gRPC, on node:http2: what a proxy is to have, brought to it and kept so.
 *
 *     Client (what one proxy is to have) ──▶ step ──▶ wire ──▶ Envoy, or gRPC's own xDS client
 *            ◀── sent, acknowledged, refused ──  ◀── requests
 *
 * It knows the protocol and nothing of the mesh. Whoever starts it says whom a token proves and what such a client is to have.
 */
export type * from './client';
export { decode, encode, encodeResource, InvalidResource, violationsOf } from './codec';
export { defaultLimits, type Limits, type ServerCertificate, type StreamInfo, type XdsServerOptions } from './options';
export { type Resource, type ResourceMap, resourceTypes } from './resource';
export { XdsServer } from './server';
export type { Statistics } from './statistics';
