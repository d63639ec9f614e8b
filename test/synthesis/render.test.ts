import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { gatewayApiDefinitions } from '../../lib/kubernetes/crds';
import { manifestKey } from '../../lib/kubernetes/manifest';
import { canonical, withImpliedAccess } from '../../lib/model';
import { render } from '../../lib/render';
import { arbitraryModel } from '../support/arbitraries/model';
import { violationsOf, violationText } from '../support/manifests';

const crds = gatewayApiDefinitions('standard');

it('makes of any model only objects that a cluster takes, each once', () => {
  fc.assert(
    fc.property(arbitraryModel(), (model) => {
      const { objects } = render(withImpliedAccess(canonical(model)));
      expect(violationsOf(objects, { crds }).map(violationText)).toEqual([]);
      const keys = objects.map(manifestKey);
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
