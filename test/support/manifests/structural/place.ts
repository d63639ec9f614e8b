import type { Schema } from '../openapi';

/** Where a schema stands. */
export interface Place {
  readonly schema: Schema;
  /** The value it describes, as `spec.calls[].timeout`; empty for the object itself. */
  readonly path: string;
  readonly level: 'root' | 'field' | 'item';
  /** Lists and maps around it, outermost first. */
  readonly around: readonly { readonly schema: Schema; readonly path: string }[];
}
