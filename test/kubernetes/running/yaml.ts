import { join } from 'node:path';
import { stringify } from 'yaml';
import { expectGolden } from '../../support/golden';

const folder = join(__dirname, 'golden');

/** Compares objects with `golden/<name>.yaml`, as plain YAML that can be read by itself. */
export function expectGoldenObjects(name: string, objects: readonly object[]): void {
  expectGolden(
    join(folder, `${name}.yaml`),
    objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n'),
  );
}
