/**
 * Where requests come into the mesh from outside: ports of the world, TLS that ends here or is passed on, and the routes that are
 * attached.
 *
 *     gateway ──▶ route ──▶ cluster
 */
export { gateway } from './gateway';
