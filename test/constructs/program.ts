import { App, Chart } from 'cdk8s';
import { Mesh, type MeshProps } from 'meshwright';
import { modelOf } from 'meshwright/testing';
import type { Model } from '../../lib/model';

/** A program of one mesh and one chart; what it declares there becomes a model. */
export function declared(declare: (chart: Chart, app: App) => void, mesh: Partial<MeshProps> = {}): Model {
  return modelOf(program(declare, mesh));
}

export function program(declare: (chart: Chart, app: App) => void, mesh: Partial<MeshProps> = {}): App {
  const app = new App({ outdir: '/nonexistent/never-written' });
  new Mesh(app, 'mesh', { trustDomain: 'test.example', ...mesh });
  declare(new Chart(app, 'team', { namespace: 'team' }), app);
  return app;
}

/** The text with which synthesis fails, a mistake a line. */
export function failure(app: App): readonly string[] {
  try {
    app.synthYaml();
  } catch (error) {
    return String((error as Error).message)
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  throw new Error('synthesis was expected to fail, and did not');
}
