/**
 * Envoy's configuration, as protobuf-JSON that Envoy's own types check: the file that a proxy starts with (`bootstrap`), all that it
 * is told over xDS, and what the rules of Envoy's API say about a message before Envoy sees it (`validation`).
 *
 *     model ──concern──▶ what bears on one proxy ──┬▶ inbound · outbound · gateway · shared · egress · proxyless   who serves whom
 *                                                 ├▶ route · cluster · access · limits                          what is done
 *                                                 └▶ http · tls · telemetry                                     by which means
 *
 * A row knows those below it, never one above. `configuration-of` composes it all; `proxy` serves it.
 */
export { any, extension } from './any';
export * from './binding';
export { bootstrap, bootstrapFiles } from './bootstrap/bootstrap';
export { tokenSecret, trustSecret } from './bootstrap/control-plane-link';
export type { BootstrapOptions } from './bootstrap/options';
export { statistics } from './bootstrap/statistics';
export { loadAssignment } from './cluster';
export { concern, concernOfEndpoints } from './concern';
export * from './configuration';
export { configurationOf } from './configuration-of';
export type { Context } from './context';
export * from './observed';
export * from './proxy';
export type * from './types';
export { type FieldSchema, type MessageSchema, ruleViolations, type Schemas, type ValueSchema } from './validation';
