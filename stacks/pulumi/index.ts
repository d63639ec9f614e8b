/**
 * A mesh in a cluster, by Pulumi: the program of a cdk8s user, one resource for each object.
 *
 *     program ──run-program──▶ objects ──▶ resources, in the order of stages
 *                     values known late ──▶ Outputs in their places
 */
export { amount, text } from './late-values';
export { type MeshArgs, MeshComponent, type NamespacesArgs, type ProgramArgs } from './mesh-component';
