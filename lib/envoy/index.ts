/**
 * Envoy's configuration, as protobuf-JSON that Envoy's own types check: the file that a proxy starts with, and what the rules
 * of Envoy's API say about a message before Envoy sees it.
 *
 *     model ──▶ envoy ──▶ kubernetes, through whoever composes both: as files of a ConfigMap
 *                    └──▶ proxy, over xDS
 */
export { any, extension } from './any';
export * from './binding';
export { bootstrap, bootstrapFiles } from './bootstrap';
export type { BootstrapOptions } from './bootstrap-options';
export { loadAssignment } from './cluster';
export { concern, concernOfEndpoints } from './concern';
export * from './configuration';
export { configurationOf } from './configuration-of';
export type { Context } from './context';
export { tokenSecret, trustSecret } from './control-plane-link';
export * from './observed';
export * from './proxy';
export { statistics } from './statistics';
export type * from './types';
export { type FieldSchema, type MessageSchema, ruleViolations, type Schemas, type ValueSchema } from './validation';
