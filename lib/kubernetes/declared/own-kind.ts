import { type Model, names, type Ref } from '../../model';
import type { Manifest } from '../manifest';
import { object, refOf } from './object';
import type { Observed } from './observed';
import type { Shape } from './shape';

/** An object of one of the mesh's own kinds, whose spec is a part of the model without its names. */
export function encodeOwn<T extends Ref>(
  model: Model,
  kind: string,
  spec: Shape<Omit<T, 'namespace' | 'name'>>,
  items: readonly T[],
): readonly Manifest[] {
  return items.map((item) => {
    const { namespace, name } = item;
    return object(model, [names.apiVersion, kind], { namespace, name }, { spec: spec.encode(item, { namespace }) });
  });
}

/** Reads all objects of one of the mesh's own kinds. */
export function decodeOwn<T extends Ref>(
  observed: Observed,
  kind: string,
  spec: Shape<Omit<T, 'namespace' | 'name'>>,
): readonly T[] {
  return observed.readAll(observed.own(kind), (manifest, reader) => {
    const { namespace, name } = refOf(manifest);
    return { namespace, name, ...spec.decode(manifest.spec, reader.at('spec')) } as unknown as T;
  });
}
