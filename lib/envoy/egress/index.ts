/**
 * Where calls to hosts outside leave the mesh.
 *
 *     egress ──▶ access (who has declared the call), tls ──▶ cluster (the host)
 */
export { egressGateway } from './egress-gateway';
