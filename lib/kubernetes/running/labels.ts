import { type Model, names } from '../../model';

/** Labels of an object that is the mesh's own, by the part it is of. */
export function systemLabels(model: Model, component: string): { readonly [key: string]: string } {
  return {
    [names.keys.component]: component,
    [names.keys.managedBy]: 'meshwright',
    [names.keys.partOf]: 'meshwright',
    [names.keys.mesh]: model.mesh.name,
  };
}
