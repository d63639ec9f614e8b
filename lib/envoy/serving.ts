/**
 * Whom a listener serves, and so whom it trusts and what it writes down.
 *
 * - `outbound`: a sidecar, its own application
 * - `inbound`: a sidecar, callers
 * - `shared`: a shared proxy or an egress gateway, callers
 * - `gateway`: a gateway, the world
 */
export type Serving = 'inbound' | 'outbound' | 'gateway' | 'shared';
