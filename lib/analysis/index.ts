/**
 * What is wrong with a mesh, before anything of it is deployed. Each rule is a value in a file of its own; the list in
 * `rules` gives their order and is their documentation.
 *
 *     model ──▶ rules ──▶ diagnostics
 *                 ▲
 *     pod templates
 */
export * from './analyze';
export type { Context, Finding, Rule } from './rule';
