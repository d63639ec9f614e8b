import { isDeepStrictEqual } from 'node:util';
import { encodeResource, InvalidResource, type Resource, type ResourceMap } from '../xds';

/** A resource as it is to be, before it is encoded. */
export interface Draft {
  readonly typeUrl: string;
  readonly name: string;
  readonly json: object;
  readonly after?: 'everything';
}

/**
 * Encodes what differs from before. What Envoy would refuse is never sent: the last good version stays in its place, and
 * nothing where there was none.
 */
export class Encoder {
  /** Equal resources of several proxies are one object, for as long as somebody has it. */
  private readonly made = new Map<string, WeakRef<Resource>>();
  private readonly forgotten = new FinalizationRegistry<string>((key) => {
    if (this.made.get(key)?.deref() === undefined) this.made.delete(key);
  });

  encode(
    draft: Draft,
    before: Resource | undefined,
    refused: (reasons: readonly string[]) => void,
  ): Resource | undefined {
    const { typeUrl, name, json, after } = draft;
    if (before && isDeepStrictEqual(before.json, json)) return before;
    try {
      return this.shared(encodeResource(typeUrl, name, json, after ? { after } : {}));
    } catch (error) {
      if (!(error instanceof InvalidResource)) throw error;
      refused(error.reasons);
      return before;
    }
  }

  private shared(resource: Resource): Resource {
    const key = `${resource.typeUrl} ${resource.name} ${resource.version}`;
    const existing = this.made.get(key)?.deref();
    if (existing) return existing;
    this.made.set(key, new WeakRef(resource));
    this.forgotten.register(resource, key);
    return resource;
  }
}

/** Names whose resource is not what it was. */
export function differing(before: ResourceMap, after: ResourceMap): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, resource] of after) if (before.get(name)?.version !== resource.version) names.add(name);
  for (const name of before.keys()) if (!after.has(name)) names.add(name);
  return names;
}
