import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectGolden, expectNoStaleGoldens } from '../support/golden';
import { deploy } from './pulumi-engine';

describe('examples/pulumi', () => {
  it('makes what it is expected to', async () => {
    const expected = join(__dirname, '../../examples/pulumi/expected');
    const { registered } = await deploy(() => import('../../examples/pulumi/index.js'));
    const resources = registered.map(({ type, name }) => `${type} ${name}`).sort();
    expectGolden(join(expected, 'resources.txt'), `${resources.join('\n')}\n`);
    expectNoStaleGoldens(expected, [join(expected, 'resources.txt')]);
    const reviews = registered.find(
      ({ name, type }) => name === 'shop:storefront/reviews' && type.endsWith(':Deployment'),
    );
    expect(reviews?.inputs.spec.template.spec.containers[0].image).toBe('shop/reviews:1.0');
    expect(new Set(registered.slice(2).map(({ provider }) => provider)).size).toBe(1);
  });
});
