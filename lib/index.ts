/**
 * Meshwright: a service mesh written as TypeScript.
 *
 *     constructs ──collect──▶ model ──▶ analysis · envoy · kubernetes · dashboards · diagrams
 */
export * from './constructs';
export { Mesh } from './mesh';
export type { Model, Value } from './model';
