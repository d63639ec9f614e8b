import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decode } from '../../lib/kubernetes/declared';
import { expectGolden, expectNoStaleGoldens } from '../support/golden';
import { manifestProblems } from '../support/manifests';
import { elsewhere, objectsOf, root, synthesize } from './synthesized';

/** Our own examples, each with its whole expected output beside it. */
const examples = ['shop', 'zero-trust', 'canary', 'gateway', 'cdk8s-plus'];

describe.each(examples)('examples/%s', (example) => {
  it('gives what it is expected to', async () => {
    const { files, warnings } = await synthesize(example);
    const expected = join(root, 'examples', example, 'expected');
    const written = [...files].map(([name, text]) => {
      const golden = join(expected, name);
      expectGolden(golden, withoutDefinitions(text));
      return golden;
    });
    expectNoStaleGoldens(expected, written);
    expect(warnings).toEqual([]);
  });

  it('gives objects that a cluster takes, and that read back as a mesh', async () => {
    const { objects } = await synthesize(example);
    expect(manifestProblems(objects, { elsewhere })).toEqual([]);
    expect(decode(objects).problems).toEqual([]);
  });
});

/** The definitions are the same in each example, and those of Gateway API are not ours to commit. */
function withoutDefinitions(yaml: string): string {
  return yaml
    .split(/^---\n/m)
    .filter((document) => objectsOf(document).every((object) => object.kind !== 'CustomResourceDefinition'))
    .join('---\n');
}
