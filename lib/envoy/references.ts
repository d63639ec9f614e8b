/** Names that messages refer to. */
export interface References {
  /** Clusters of gRPC services: what a filter, a log or a tracer calls by itself. */
  readonly clusters: ReadonlySet<string>;
  /** Secrets of SDS. */
  readonly secrets: ReadonlySet<string>;
}

/** What is referred to anywhere in a message or a list of them. */
export function references(messages: unknown): References {
  const clusters = new Set<string>();
  const secrets = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { envoyGrpc, sdsConfig, name } = value as {
      readonly envoyGrpc?: { readonly clusterName?: string };
      readonly sdsConfig?: object;
      readonly name?: string;
    };
    if (envoyGrpc?.clusterName !== undefined) clusters.add(envoyGrpc.clusterName);
    if (sdsConfig && name !== undefined) secrets.add(name);
    for (const child of Object.values(value)) walk(child);
  };
  walk(messages);
  return { clusters, secrets };
}
