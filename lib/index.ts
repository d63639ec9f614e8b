/**
 * Meshwright: a service mesh written as TypeScript.
 *
 *     constructs ──collect──▶ model ──▶ analysis · envoy · kubernetes · dashboards · diagrams
 */
export * from './constructs';
export { dot, mermaid, topology } from './diagrams';
export { Mesh } from './mesh';
export type { Deferred, Model, Value } from './model';
