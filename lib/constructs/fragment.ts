import type { ApiObject } from 'cdk8s';
import type { Manifest } from '../kubernetes/manifest';
import type { Member, Model } from '../model';

/** What one construct adds to the model: members of its lists. */
export type Fragment = { readonly [List in Exclude<keyof Model, 'mesh'>]?: Model[List] };

/** A workload object with pods of the mesh in it. */
export interface PodOwner {
  readonly member: Member;
  /** Made by us from an image, or given: the object of the construct tree that is adapted in place. */
  readonly object:
    | { readonly kind: 'made'; readonly manifest: Manifest }
    | { readonly kind: 'given'; readonly apiObject: ApiObject };
}
