import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewayApiDefinitions, meshwrightDefinitions } from '../../../lib/kubernetes/crds';
import { encode } from '../../../lib/kubernetes/declared';
import { arbitraryModel } from '../../support/arbitraries/model';
import { violationsOf, violationText } from '../../support/manifests/schemas';

describe('every object that is written', () => {
  const crds = [...meshwrightDefinitions(), ...gatewayApiDefinitions('standard')];

  it("passes the schemas of Kubernetes, and the CRDs' own with their CEL rules, of the standard channel", () => {
    fc.assert(
      fc.property(arbitraryModel(), (model) => {
        expect(violationsOf(encode(model), { crds }).map(violationText)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
