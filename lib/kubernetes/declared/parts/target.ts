import { type Json, type Reader, type Shape, shown, subdomain } from '../shape';

/** What a policy is about: an object of its own namespace. */
export interface Target {
  readonly kind: string;
  readonly name: string;
}

/**
 * The one target of a policy, in the form in which Gateway API's policies have it.
 * https://gateway-api.sigs.k8s.io/geps/gep-713/
 */
export function targetRefs(kinds: readonly string[]): Omit<Shape<Target>, 'encode'> & { encode(target: Target): Json } {
  return {
    schema: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      'x-kubernetes-list-type': 'atomic',
      items: {
        type: 'object',
        required: ['group', 'kind', 'name'],
        properties: {
          group: { type: 'string', enum: [''], description: "Group of the target: empty, Kubernetes' own." },
          kind: { type: 'string', enum: kinds, description: 'Kind of the target.' },
          name: { ...subdomain.schema, description: 'Name of the target, in the namespace of the policy.' },
        },
      },
    },
    encode: ({ kind, name }) => [{ group: '', kind, name }],
    decode: (json, reader) => {
      const items = reader.items(json);
      if (items.length !== 1) return reader.fail(`must have exactly one target, got ${items.length}`);
      return targetOf(items[0], reader.at(0), kinds);
    },
  };
}

/** A policy that is about a Service. */
export const serviceTarget: Shape<string> = (() => {
  const { schema, encode, decode } = targetRefs(['Service']);
  return {
    schema,
    encode: (name) => encode({ kind: 'Service', name }),
    decode: (json, reader) => decode(json, reader).name,
  };
})();

function targetOf(json: Json, reader: Reader, kinds: readonly string[]): Target {
  const target = reader.fields(json);
  reader.only(target, ['group', 'kind', 'name']);
  if ((target.group ?? '') !== '' || !kinds.includes(target.kind)) {
    reader.fail(`must be a ${kinds.join(' or a ')}, got ${shown({ group: target.group ?? '', kind: target.kind })}`);
  }
  return { kind: target.kind, name: reader.at('name').text(target.name) };
}
