import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Configuration } from '../../../lib/envoy';
import { expectGolden, expectNoStaleGoldens } from '../golden';
import { validateConfigurations } from './validated';

export interface GoldenCase {
  /** What the golden file holds. */
  readonly resources: object;
  /** The configuration that they are of, for Envoy to say that it takes them. */
  readonly configuration: Configuration;
}

/** One golden file for each case, and one run of Envoy for all of them. */
export function goldenCases(folder: string, cases: { readonly [name: string]: () => GoldenCase }): void {
  const file = (name: string) =>
    `test/envoy/golden/${folder}/${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.yaml`;
  it.each(Object.keys(cases))('%s: golden file', (name) => {
    const made = cases[name]?.();
    expectGolden(file(name), stringify(made?.resources, { lineWidth: 0, aliasDuplicateObjects: false }));
  });

  it('no golden file is left of a case that is gone', () => {
    expectNoStaleGoldens(`test/envoy/golden/${folder}`, Object.keys(cases).map(file));
  });

  it('Envoy takes them', async () => {
    const all = Object.entries(cases).map(([name, make]) => [name, { configuration: make().configuration }] as const);
    const found = await validateConfigurations(all.map(([, served]) => served));
    expect(found.flatMap((texts, index) => texts.map((text) => `${all[index]?.[0]}: ${text}`))).toEqual([]);
  }, 60_000);
}
