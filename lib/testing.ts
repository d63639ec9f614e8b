import type { App } from 'cdk8s';
import { collect } from './constructs/collect';
import { Program } from './constructs/program';
import type { Manifest } from './kubernetes/manifest';
import type { Diagnostic, Model } from './model';

/** The model that the constructs of an app declare, mistakes or not. For unit tests of programs. */
export function modelOf(app: App): Model {
  return collect(Program.of(app)).model;
}

/** Every mistake and every warning in an app. */
export function diagnosticsOf(app: App): readonly Diagnostic[] {
  return Program.of(app).synthesize()?.diagnostics ?? [];
}

/**
 * Every object of an app, as synthesis would write it: charts in their order, objects in theirs.
 *
 * @throws Error with every mistake, as `app.synth()` does
 */
export function manifestsOf(app: App): readonly Manifest[] {
  return app.charts.flatMap((chart) => chart.toJson() as Manifest[]);
}
