import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../../lib/kubernetes/declared';
import { arbitraryModel } from '../../support/arbitraries/model';

const model = arbitraryModel();

describe('decode(encode(model))', () => {
  it('is the model', () => {
    fc.assert(
      fc.property(model, (given) => {
        expect(decode(encode(given))).toEqual({ model: given, problems: [] });
      }),
      { numRuns: 200 },
    );
  });
});
