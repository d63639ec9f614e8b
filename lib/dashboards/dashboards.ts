import { type Model, order, Ref } from '../model';
import { callerDashboard } from './caller-dashboard';
import { calls } from './calls';
import { canaryDashboard } from './canary-dashboard';
import { controlPlaneDashboard } from './control-plane-dashboard';
import type { Dashboard } from './dashboard';
import { meshDashboard } from './mesh-dashboard';
import { serviceDashboard } from './service-dashboard';

/**
 * Every dashboard of a mesh: one of the whole, one of its control plane, and one for each service, each other caller and
 * each canary in the namespace of its own. Linear in services and edges.
 */
export function dashboards(model: Model): readonly Dashboard[] {
  const called = calls(model);
  const services = new Set(model.services.map(Ref.key));
  const some = [
    meshDashboard(model),
    controlPlaneDashboard(model),
    ...model.services.map((service) => serviceDashboard(model, service, called)),
    ...called.callers
      .filter((caller) => !services.has(Ref.key(caller)))
      .map((caller) => callerDashboard(model, caller, called)),
    ...model.canaries.map((canary) => canaryDashboard(model, canary)),
  ];
  return some
    .filter((dashboard): dashboard is Dashboard => dashboard !== undefined)
    .sort((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
}
