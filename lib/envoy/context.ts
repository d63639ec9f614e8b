import type { Identity, Model } from '../model';
import type { Binding } from './binding';
import type { Locality, Surroundings } from './observed';
import type { MeshProxy } from './proxy';

/** All that the configuration of one proxy is made from. */
export interface Context {
  /** What concerns the proxy, and no more ({@link ./concern}). */
  readonly model: Model;
  readonly proxy: MeshProxy;
  readonly identity: Identity;
  readonly binding: Binding;
  readonly surroundings: Surroundings;
  /** Where the proxy itself stands. */
  readonly locality?: Locality;
  /** File with the root certificates of the system, in the proxy's container. */
  readonly systemRoots: string;
}
