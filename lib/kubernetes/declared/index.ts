/**
 * The declared state of a mesh as Kubernetes objects, both ways. Each file holds one kind, or one family of kinds, and both
 * directions of it side by side; of our own kinds the schema too, from which their definitions are made.
 *
 *     model ──encode──▶ objects ──decode──▶ the same model
 */
export { adopt } from './adopt';
export { type Decoded, decode, type Problem } from './decode';
export { encode } from './encode';
export { serviceObjects } from './service';
