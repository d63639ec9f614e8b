/**
 * Something to tell the author of a mesh. Errors stop synthesis; warnings are printed and written nowhere.
 * Codes are `MESH` and four digits, ordered, never reused; `lib/analysis/rules` holds the list.
 */
export interface Diagnostic {
  readonly code: `MESH${string}`;
  readonly level: 'error' | 'warning';
  /** Where the mistake is: a {@link Locator}, which constructs turn into their path. */
  readonly at: string;
  /** What is wrong, with what was given and what is allowed: lower case, no full stop at the end. */
  readonly message: string;
  /** What to change: an imperative clause. */
  readonly fix: string;
}

export const Diagnostic = {
  /** One line: `MESH0103 shop/reviews: weights must sum to 100, got 90; leave one weight out to give it the rest`. */
  format: (diagnostic: Diagnostic): string =>
    `${diagnostic.code} ${diagnostic.at}: ${diagnostic.message}; ${diagnostic.fix}`,
  compare: (a: Diagnostic, b: Diagnostic): number =>
    a.at < b.at ? -1 : a.at > b.at ? 1 : a.code < b.code ? -1 : a.code > b.code ? 1 : a.message < b.message ? -1 : 1,
};

/** The parts of a model that a diagnostic can point at. */
export type LocatorKind =
  | 'Mesh'
  | 'Service'
  | 'Workload'
  | 'ExternalService'
  | 'Edge'
  | 'Route'
  | 'TrafficPolicy'
  | 'AccessPolicy'
  | 'Canary'
  | 'Gateway'
  | 'EgressGateway'
  | 'SharedProxy'
  | 'Telemetry';

/** `Kind namespace/name`; of the mesh `Mesh name`. An edge is named by `names.edgeObject` in its caller's namespace. */
export type Locator = `${LocatorKind} ${string}`;

export function locate(
  kind: Exclude<LocatorKind, 'Mesh'>,
  ref: { readonly namespace: string; readonly name: string },
): Locator {
  return `${kind} ${ref.namespace}/${ref.name}`;
}
