import { violationsOf } from '../../../proxy/xds/codec';

export { schemaOf } from '../../../proxy/xds/schemas';

/** What Envoy would refuse about a message by the rules in its descriptors, each with the path of the field. */
export function pgvViolations(typeName: string, message: object): string[] {
  return violationsOf(typeName, message);
}
