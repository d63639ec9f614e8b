/**
 * Faults and rate limits of rules, where requests arrive: at the proxy of the service that they are for, and at gateways and shared
 * proxies, which apply routes for clients that cannot.
 *
 *     inbound, shared, gateway ──▶ limits ──▶ cluster (the service that counts)
 */
export { type EnforcedRule, enforced, enforcedRules, enforcement } from './enforcement';
