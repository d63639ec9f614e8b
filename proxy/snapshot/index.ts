/**
 * From the state of the mesh to what each connected proxy is to have.
 *
 *     state ──▶ snapshots ─┬▶ view: one for all pods of a workload in one place ──▶ listeners, routes, clusters, extensions
 *                          └▶ endpoints: one for each cluster and locality      ──▶ load assignments
 *                                   ▲
 *                             lib/envoy makes, xds encodes
 */
export type { Maker } from './maker';
export type { Problem } from './problems';
export { SecretResources } from './secret-resources';
export { type Attachment, Snapshots, type SnapshotsOptions, type Waiting } from './snapshots';
export type { Differences } from './view';
