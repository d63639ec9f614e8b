import type { Any, Messages, TypedExtension } from './types';

/** A message under its own name, as a field of the type Any holds it. */
export function any<Name extends keyof Messages>(name: Name, message: Messages[Name]): Any<Name> {
  return { '@type': `type.googleapis.com/${name}`, ...message } as unknown as Any<Name>;
}

/** A filter, a transport socket or another extension: Envoy finds it by the type of its configuration, people by its name. */
export function extension<Name extends keyof Messages>(
  name: string,
  type: Name,
  configuration: Messages[Name],
): TypedExtension<Name> {
  return { name, typedConfig: any(type, configuration) };
}
