import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewayApiDefinitions, meshwrightDefinitions } from '../../../lib/kubernetes/crds';
import { decode, encode, serviceObjects } from '../../../lib/kubernetes/declared';
import { manifestKey } from '../../../lib/kubernetes/manifest';
import { Late, type Model, names, order } from '../../../lib/model';
import { arbitraryModel } from '../../support/arbitraries/model';
import { served } from './served';

const model = arbitraryModel();
const crds = [...meshwrightDefinitions(), ...gatewayApiDefinitions('experimental')];

describe('the objects of a model', () => {
  it('are read back to the very model', () => {
    fc.assert(
      fc.property(model, (given) => {
        expect(decode(encode(given))).toEqual({ model: given, problems: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('are read alike as an API server gives them back, in any order', () => {
    fc.assert(
      fc.property(withOrder(model), ([given, objects]) => {
        const shown = objects.map((object) => served(object, crds));
        expect(decode(shown)).toEqual({ model: given, problems: [] });
      }),
      { numRuns: 100 },
    );
  });

  it('are the same bytes whatever the order of the model', () => {
    fc.assert(
      fc.property(model, (given) => {
        const turned = Object.fromEntries(
          Object.entries(given).map(([part, value]) => [part, Array.isArray(value) ? [...value].reverse() : value]),
        ) as unknown as Model;
        expect(JSON.stringify(encode(turned))).toBe(JSON.stringify(encode(given)));
      }),
      { numRuns: 50 },
    );
  });

  it('are sorted, and no two are the same object', () => {
    fc.assert(
      fc.property(model, (given) => {
        const keys = encode(given).map(manifestKey);
        expect(keys).toEqual([...new Set(keys)].sort(order));
      }),
      { numRuns: 50 },
    );
  });

  it('carry the label of their mesh, and the Services of each service are among them', () => {
    fc.assert(
      fc.property(model, (given) => {
        const objects = encode(given);
        const label = { [names.keys.mesh]: given.mesh.name, [names.keys.managedBy]: 'meshwright' };
        for (const { metadata } of objects) expect(metadata.labels).toMatchObject(label);
        for (const service of given.services) {
          expect(objects).toEqual(expect.arrayContaining([...serviceObjects(given, service)]));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('can hold values that are known only at deployment', () => {
    fc.assert(
      fc.property(model, (given) => {
        const late = withLateValues(given);
        expect(decode(encode(late))).toEqual({ model: late, problems: [] });
      }),
      { numRuns: 50 },
    );
  });
});

function withOrder(models: fc.Arbitrary<Model>) {
  return models.chain((given) => {
    const objects = encode(given);
    return fc.tuple(
      fc.constant(given),
      fc.shuffledSubarray([...objects], { minLength: objects.length, maxLength: objects.length }),
    );
  });
}

/** Placeholders where users may give a value that is known later: texts and amounts, not names, ports and durations. */
function withLateValues(given: Model): Model {
  const text = Late.text('0123456789abcdef');
  const amount = Late.number(4711);
  return {
    ...given,
    mesh: {
      ...given.mesh,
      trustDomain: text,
      controlPlane: { ...given.mesh.controlPlane, image: `registry/${text}`, replicas: amount },
    },
    services: given.services.map((service) => ({
      ...service,
      ...(service.instances ? { instances: { ...service.instances, replicas: amount } } : {}),
    })),
    externalServices: given.externalServices.map((external) => ({ ...external, host: text })),
    gateways: given.gateways.map((gateway) => ({
      ...gateway,
      replicas: amount,
      service: { ...gateway.service, annotations: { note: text } },
    })),
    canaries: given.canaries.map((canary) => ({ ...canary, onFailure: { ...canary.onFailure, notify: text } })),
  };
}
