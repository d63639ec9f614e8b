import type { Construct } from 'constructs';
import { MeshChart, type MeshProps } from './constructs';
import { synthesize } from './synthesize';

/**
 * A mesh: one for an app. Services, edges and policies in any chart of the app belong to it; everything that is of the
 * whole mesh (control plane, definitions, dashboards) is written to this chart.
 */
export class Mesh extends MeshChart {
  constructor(scope: Construct, id: string, props: MeshProps) {
    super(scope, id, props);
    this._declaration.program.synthesizeWith(synthesize);
  }
}
