import type { EdgeTarget, Identity, Ref } from '../../../model';
import { choice, label, type Place, type Reader, type Schema, type Shape, subdomain } from '../shape';

/** A Service of some namespace. */
export const serviceReference: Shape<Ref> = relative<Ref>(label, 'name', 'Name of the Service.');

/** Whoever runs as a service account. */
export const identity: Shape<Identity> = relative<Identity>(
  subdomain,
  'serviceAccount',
  'Name of the ServiceAccount that the pods of the caller run as.',
);

const targetKind = choice<EdgeTarget['kind']>({ service: 'Service', externalService: 'ExternalService' });

/** What is called. */
export const edgeTarget: Shape<EdgeTarget> = {
  schema: {
    type: 'object',
    required: ['kind', 'name'],
    properties: {
      kind: { ...targetKind.schema, description: 'Whether a Service of the mesh is called or an ExternalService.' },
      ...serviceReference.schema.properties,
      name: { ...subdomain.schema, description: 'Name of what is called.' },
    },
  },
  encode: (value, place) => ({
    kind: targetKind.encode(value.kind, place),
    ...serviceReference.encode({ namespace: value.namespace, name: value.name }, place),
  }),
  decode: (json, reader) => {
    const { kind, ...reference } = json === undefined ? reader.wrong('an object', json) : reader.fields(json);
    const [meant, ref] = [targetKind.decode(kind, reader.at('kind')), serviceReference.decode(reference, reader)];
    return { kind: meant, ...ref };
  },
};

/** A name and, where it is not that of the object itself, a namespace. */
function relative<T extends { readonly namespace: string }>(
  name: Shape<string>,
  key: Exclude<keyof T, 'namespace'> & string,
  description: string,
): Shape<T> {
  const schema: Schema = {
    type: 'object',
    required: [key],
    properties: {
      [key]: { ...name.schema, description },
      namespace: { ...label.schema, description: "Its namespace. Absent: the object's own." },
    },
  };
  return {
    schema,
    encode: (value: T, place: Place) => ({
      [key]: value[key],
      ...(value.namespace === place.namespace ? {} : { namespace: value.namespace }),
    }),
    decode: (json, reader: Reader) => {
      const given = json === undefined ? reader.wrong('an object', json) : reader.fields(json);
      const [namespace, named] = reader.all<unknown>([
        () =>
          given.namespace === undefined ? reader.namespace : label.decode(given.namespace, reader.at('namespace')),
        () => name.decode(given[key], reader.at(key)),
        () => reader.only(given, [key, 'namespace']),
      ]);
      return { namespace, [key]: named } as T;
    },
  };
}
