import { at, text } from './json';

/** `Deployment storefront/web`, or `ClusterRole meshwright`: an object as a message names it. */
export function nameOf(object: unknown): string {
  const namespace = text(object, 'metadata', 'namespace');
  const name = text(object, 'metadata', 'name') || '(no name)';
  return `${text(object, 'kind') || '(no kind)'} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

/** The namespace an object lives in; what does not say lives in `default`, when its kind has namespaces at all. */
export function namespaceOf(object: unknown): string {
  return text(object, 'metadata', 'namespace') || 'default';
}

/** `apps/v1 Deployment` as its group, version and kind; the group of the oldest kinds is empty. */
export function typeOf(object: unknown): { readonly group: string; readonly version: string; readonly kind: string } {
  const apiVersion = text(object, 'apiVersion');
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind: text(object, 'kind'),
  };
}

/** Whether an object is of a kind, in any version of its group. */
export function isA(object: unknown, group: string, ...kinds: string[]): boolean {
  const type = typeOf(object);
  return type.group === group && kinds.includes(type.kind);
}

export function labelsOf(object: unknown): { readonly [key: string]: unknown } {
  const labels = at(object, 'metadata', 'labels');
  return typeof labels === 'object' && labels !== null ? (labels as { readonly [key: string]: unknown }) : {};
}
