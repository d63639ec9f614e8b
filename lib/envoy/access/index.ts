/**
 * Who may do what to a service: the rules of its policies, those that declared edges imply among them, as Envoy's filters have them.
 *
 *     inbound, shared, egress ──▶ access ──▶ cluster (whoever is asked beside)
 */
export { type Denied, denialReplies } from './denial';
export { type Gate, gate, gated } from './gate';
export { type HttpAccess, httpAccess } from './http-rbac';
export { type NetworkAccess, networkAccess } from './network-rbac';
export { cidrRange, outsideAddresses, type Principal } from './principal';
export { type RequestAccess, requestAccess } from './request-access';
export { type Access, accessOf, policiesOf } from './rules';
