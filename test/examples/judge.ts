import type { Manifest } from '../../lib/kubernetes/manifest';
import { lawViolations } from '../support/manifests/laws';
import { podSecurityViolations } from '../support/manifests/pod-security';
import { violationsOf, violationText } from '../support/manifests/schemas';
import { structuralProblems } from '../support/manifests/structural';

/** Everything that a cluster, or a careful reader, would hold against the output of a synthesis. */
export function judge(
  objects: readonly Manifest[],
  references: Parameters<typeof lawViolations>[1] = {},
): readonly string[] {
  const definitions = objects.filter((object) => object.kind === 'CustomResourceDefinition');
  return [
    ...violationsOf(objects).map(violationText),
    ...definitions.flatMap((definition) => structuralProblems(definition as never)),
    ...objects.flatMap((object) => podSecurityViolations(object)),
    ...lawViolations(objects, references),
  ];
}
