import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gatewayApiDefinitions } from '../../lib/kubernetes/crds';
import { decode } from '../../lib/kubernetes/declared';
import type { Manifest } from '../../lib/kubernetes/manifest';
import { expectGolden, expectNoStaleGoldens } from '../support/golden';
import { manifestProblems } from '../support/manifests';
import { elsewhere, objectsOf, root, synthesize } from './synthesized';

/** Our own examples, each with its whole expected output beside it. */
const examples = ['shop', 'zero-trust', 'canary', 'gateway', 'cdk8s-plus'];

describe.each(examples)('examples/%s', (example) => {
  it('gives what it is expected to', async () => {
    const { files, warnings } = await synthesize(example);
    const expected = join(root, 'examples', example, 'expected');
    const written = [...files].flatMap(([name, text]) => {
      const golden = join(expected, name);
      const shown = withoutRepetition(text, example);
      if (shown === '') return [];
      expectGolden(golden, shown);
      return [golden];
    });
    expectNoStaleGoldens(expected, written);
    expect(warnings).toEqual([]);
  });

  it('gives objects that a cluster takes, and that read back as a mesh', async () => {
    const { objects } = await synthesize(example);
    // A cluster has Gateway API's definitions, whether or not the example brings them.
    expect(manifestProblems(objects, { elsewhere, crds: gatewayApiDefinitions('experimental') })).toEqual([]);
    expect(decode(objects).problems).toEqual([]);
  });
});

/**
 * The definitions are the same in each example, and those of Gateway API are not ours to commit. Dashboards and rules, which
 * are long, stand in the first example alone.
 */
function withoutRepetition(yaml: string, example: string): string {
  const left = example === examples[0] ? ['CustomResourceDefinition'] : ['CustomResourceDefinition', 'PrometheusRule'];
  const isLeftOut = (object: Manifest) =>
    left.includes(object.kind) || (example !== examples[0] && object.metadata.labels?.grafana_dashboard !== undefined);
  return yaml
    .split(/^---\n/m)
    .filter((document) => !objectsOf(document).some(isLeftOut))
    .join('---\n');
}
