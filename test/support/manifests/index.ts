/**
 * The judge of manifests. Every test that makes Kubernetes objects asks it, and expects no answer:
 *
 *     expect(manifestProblems(objects)).toEqual([]);
 *
 * ```
 * objects ──┬─▶ schemas         what an API server refuses: strict schemas of two Kubernetes versions, CRDs, CEL rules
 *           ├─▶ structural      CRDs: structural schemas, sound rules, columns that show something
 *           ├─▶ pod-security    what keeps a pod out of a `restricted` namespace
 *           └─▶ laws            what holds of the set as a whole: nothing dangles, nothing is there twice
 * ```
 */

import { at } from './json';
import { type LawOptions, lawViolations } from './laws';
import { isA } from './objects';
import { podSecurityViolations } from './pod-security';
import { type SchemaOptions, violationsOf, violationText } from './schemas';
import { structuralProblems } from './structural';

export { type LawOptions, lawViolations } from './laws';
export { podSecurityViolations } from './pod-security';
export { type SchemaOptions, type Violation, violationsOf, violationText } from './schemas';
export { type StructuralOptions, structuralProblems } from './structural';

export interface ManifestOptions extends SchemaOptions, LawOptions {
  /** Workloads of others, or of the system, that Pod Security `restricted` is not asked of. @default - asked of all */
  readonly exemptFromPodSecurity?: (object: object) => boolean;
}

/** All that is wrong with a set of objects, as text. CRDs in `crds` are trusted; those among the objects are judged too. */
export function manifestProblems(objects: readonly object[], options: ManifestOptions = {}): string[] {
  const exempt = options.exemptFromPodSecurity ?? (() => false);
  return [
    ...violationsOf(objects, options).map(violationText),
    ...objects.filter(isOwnCrd).flatMap((crd) => structuralProblems(crd)),
    ...objects.filter((object) => !exempt(object)).flatMap(podSecurityViolations),
    ...lawViolations(objects, options),
  ];
}

/** Those of Kubernetes' projects are judged by them; some need a newer Kubernetes than the oldest that we support. */
function isOwnCrd(object: object): boolean {
  const isCrd = isA(object, 'apiextensions.k8s.io', 'CustomResourceDefinition');
  return isCrd && !String(at(object, 'spec', 'group')).endsWith('k8s.io');
}
