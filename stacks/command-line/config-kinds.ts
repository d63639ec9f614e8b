/** What of a proxy's configuration can be asked for alone. */
export const configKinds = ['listeners', 'routes', 'clusters', 'endpoints', 'secrets', 'extensions', 'all'] as const;

export type ConfigKind = (typeof configKinds)[number];
