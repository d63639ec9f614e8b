/**
 * A mesh as a picture: who there is and who calls whom, as text that others draw.
 *
 *     model ──topology──▶ graph ──┬─▶ mermaid
 *                                 └─▶ dot
 */
export { dot } from './dot';
export { mermaid } from './mermaid';
export { type Arrow, type Graph, type Node, type NodeKind, topology } from './topology';
