import { lookup, type Model, names, order, Ref } from '../model';
import { type AlertingRule, objectiveAlerts } from './alerts';
import { type Caller, calls } from './calls';
import { meshAlerts } from './mesh-alerts';
import { type RecordingRule, recordCalls, recordService } from './recorded';
import { trafficOf } from './traffic';

export type Rule = RecordingRule | AlertingRule;

/** One PrometheusRule with one group. */
export interface RuleGroup {
  readonly name: string;
  readonly namespace: string;
  readonly rules: readonly Rule[];
}

/**
 * Recording rules and alerts: a group for each service and for each other caller in its own namespace, one for the mesh in
 * the control plane's. What says nothing of requests (TCP) has no group.
 */
export function rules(model: Model): readonly RuleGroup[] {
  const called = calls(model);
  const find = lookup(model);
  const parties = new Map<string, Ref | Caller>();
  for (const caller of called.callers) parties.set(Ref.key(caller), caller);
  for (const { namespace, name } of model.services) parties.set(`${namespace}/${name}`, { namespace, name });

  const groups = [...parties.values()].sort(Ref.compare).map((party) => {
    const service = find.service(party);
    const traffic = service && trafficOf(model, service);
    return {
      name: names.objectName(`${party.name}-rules`),
      namespace: party.namespace,
      rules: [
        ...(service && traffic ? recordService(model, service, traffic) : []),
        ...recordCalls(party, called.from(party)),
        ...(service && traffic ? objectiveAlerts(model, service) : []),
      ],
    };
  });
  const mesh = {
    name: `${names.objects.controlPlane}-rules-mesh`,
    namespace: model.mesh.namespace,
    rules: meshAlerts(model),
  };
  return [...groups.filter((group) => group.rules.length > 0), mesh].sort(
    (a, b) => order(a.namespace, b.namespace) || order(a.name, b.name),
  );
}
