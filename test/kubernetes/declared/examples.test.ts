import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { decode, encode } from '../../../lib/kubernetes/declared';
import { type Manifest, manifestKey } from '../../../lib/kubernetes/manifest';

/** Whole outputs of synthesis, with everything that a cluster holds beside what was declared. */
const examples = resolve(__dirname, '../../../examples');
const synthesized = readdirSync(examples)
  .map((name) => ({ name, objects: objectsOf(join(examples, name, 'expected')) }))
  .filter(({ objects }) => objects.length > 0);

describe('what synthesis writes for the examples', () => {
  it('is there', () => {
    expect(synthesized.length).toBeGreaterThan(3);
  });

  it.each(synthesized)('$name is read back in full, and written the same', ({ objects }) => {
    const { model, problems } = decode(objects);
    expect(problems).toEqual([]);
    if (!model) throw new Error('there is no mesh in it');
    const known = new Map(objects.map((object) => [manifestKey(object), object]));
    for (const object of encode(model)) {
      const found = known.get(manifestKey(object));
      // Services and ServiceAccounts that others publish may have more to them than what the mesh wants of them.
      if (object.apiVersion === 'v1') expect(found?.metadata).toMatchObject(object.metadata);
      else expect(found).toEqual(object);
    }
  });
});

function objectsOf(folder: string): readonly Manifest[] {
  return filesOf(folder)
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { version: '1.1' }))
    .map((document) => document.toJS() as Manifest | null)
    .filter((object): object is Manifest => object !== null);
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  } catch {
    return []; // an example that writes no YAML
  }
}
