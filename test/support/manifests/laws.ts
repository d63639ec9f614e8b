import { accountsLaw } from './laws/accounts';
import { type Law, Manifests } from './laws/manifests';
import { metadataLaw } from './laws/metadata';
import { namespacesLaw } from './laws/namespaces';
import { podsLaw } from './laws/pods';
import { referencesLaw } from './laws/references';
import { selectorsLaw } from './laws/selectors';
import { uniqueLaw } from './laws/unique';
import { volumesLaw } from './laws/volumes';

export interface LawOptions {
  /**
   * Objects that are not in the set and still may be referred to, because they are made elsewhere: `Secret storefront/tls`,
   * `ConfigMap * /trust` (without the space) for one in every namespace, `ClusterIssuer letsencrypt`, `Namespace kube-system`.
   * @default - none
   */
  readonly elsewhere?: readonly string[];
}

/** What holds of every set of objects that is applied as a whole, each law in a file of its own. */
const laws: readonly Law[] = [
  uniqueLaw,
  metadataLaw,
  namespacesLaw,
  podsLaw,
  volumesLaw,
  selectorsLaw,
  accountsLaw,
  referencesLaw,
];

/** Every breach of a law in a set of synthesized objects: `Service shop/web: spec.selector: selects no pod of the set`. */
export function lawViolations(objects: readonly object[], { elsewhere = [] }: LawOptions = {}): string[] {
  const manifests = new Manifests(objects, elsewhere);
  return laws.flatMap((law) => law(manifests));
}
