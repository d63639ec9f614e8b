import { createHash } from 'node:crypto';
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
  /** Equal resources of several proxies are one object, for as long as somebody has it. By {@link textKey}. */
  private readonly made = new Map<string, WeakRef<Resource>>();
  private readonly keys = new WeakMap<Resource, string>();
  private readonly forgotten = new FinalizationRegistry<string>((key) => {
    if (this.made.get(key)?.deref() === undefined) this.made.delete(key);
  });

  encode(
    draft: Draft,
    before: Resource | undefined,
    refused: (reasons: readonly string[]) => void,
  ): Resource | undefined {
    const key = textKey(draft);
    if (before && this.keys.get(before) === key) return before;
    const existing = this.made.get(key)?.deref();
    if (existing) return existing;
    try {
      const { typeUrl, name, json, after } = draft;
      const resource = encodeResource(typeUrl, name, json, after ? { after } : {});
      this.made.set(key, new WeakRef(resource));
      this.keys.set(resource, key);
      this.forgotten.register(resource, key);
      return resource;
    } catch (error) {
      // Whatever is wrong with one resource, the others are served.
      refused(
        error instanceof InvalidResource ? error.reasons : [error instanceof Error ? error.message : String(error)],
      );
      return before;
    }
  }
}

/** Tells contents apart without keeping them: to encode and check costs ten times as much as this. */
function textKey({ typeUrl, name, json }: Draft): string {
  return `${typeUrl} ${name} ${createHash('sha1').update(JSON.stringify(json)).digest('base64')}`;
}

/** Names whose resource is not what it was. */
export function differing(before: ResourceMap, after: ResourceMap): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, resource] of after) if (before.get(name)?.version !== resource.version) names.add(name);
  for (const name of before.keys()) if (!after.has(name)) names.add(name);
  return names;
}
