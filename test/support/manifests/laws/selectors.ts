import { at, child, type Fields, fields, items, repeated, text } from '../json';
import { nameOf, namespaceOf } from '../objects';
import { podTemplateOf, portNamesOf } from '../pods';
import { show } from '../schema/values';
import { type Law, type Manifests, selects } from './manifests';
import { isPortName } from './pods';

/** What selects pods selects some, and names ports that they have. */
export const selectorsLaw: Law = (manifests) => {
  const check = (group: string, kinds: string[], faultsOf: (object: object, manifests: Manifests) => string[]) =>
    manifests
      .ofKind(group, ...kinds)
      .flatMap((object) => faultsOf(object, manifests).map((fault) => `${nameOf(object)}: ${fault}`));
  return [
    ...check('apps', ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'], workloadFaults),
    ...check('', ['Service'], serviceFaults),
    ...check('networking.k8s.io', ['NetworkPolicy'], networkPolicyFaults),
    ...check('policy', ['PodDisruptionBudget'], disruptionFaults),
    ...check('autoscaling', ['HorizontalPodAutoscaler'], autoscalerFaults),
  ];
};

function workloadFaults(workload: object, manifests: Manifests): string[] {
  const selector = at(workload, 'spec', 'selector');
  const labels = podTemplateOf(workload)?.labels ?? {};
  const faults: string[] = [];
  if (isEmpty(selector)) faults.push('spec.selector: must select something');
  else if (!selects(selector, labels))
    faults.push(`spec.selector: does not select the labels of its own template, ${show(labels)}`);
  const others = manifests.selected(namespaceOf(workload), selector).filter(({ owner }) => owner !== workload);
  if (!isEmpty(selector))
    faults.push(...others.map(({ owner }) => `spec.selector: selects the pods of ${nameOf(owner)} too`));
  const service = text(workload, 'spec', 'serviceName');
  if (service !== '' && !manifests.has('', 'Service', namespaceOf(workload), service))
    faults.push(`spec.serviceName: there is no Service ${namespaceOf(workload)}/${service} in the set`);
  return faults;
}

function serviceFaults(service: object, manifests: Manifests): string[] {
  const ports = items(at(service, 'spec', 'ports'));
  const names = ports.map((port) => text(port, 'name'));
  const faults = repeated(names.filter((name) => name !== '')).map(
    (name) => `spec.ports: name ${name} must not be there twice`,
  );
  faults.push(
    ...repeated(ports.map((port) => `${at(port, 'port')}/${text(port, 'protocol') || 'TCP'}`)).map(
      (port) => `spec.ports: ${port} must not be there twice`,
    ),
  );
  if (ports.length > 1 && names.includes('')) faults.push('spec.ports: each must have a name, being more than one');
  const selector = fields(at(service, 'spec', 'selector'));
  if (Object.keys(selector).length === 0) return faults;
  const selected = manifests.selected(namespaceOf(service), { matchLabels: selector });
  if (selected.length === 0) return [...faults, `spec.selector: selects no pod of the set: ${show(selector)}`];
  for (const [index, port] of ports.entries()) {
    const target = at(port, 'targetPort');
    if (typeof target !== 'string') continue;
    const without = selected.filter((template) => !portNamesOf(template).has(target));
    faults.push(
      ...without.map(
        ({ owner }) => `${child('spec.ports', index)}.targetPort: ${nameOf(owner)} has no port named ${target}`,
      ),
    );
  }
  return faults;
}

function networkPolicyFaults(policy: object, manifests: Manifests): string[] {
  const selector = at(policy, 'spec', 'podSelector');
  const selected = manifests.selected(namespaceOf(policy), selector);
  if (selected.length === 0)
    return isEmpty(selector) ? [] : [`spec.podSelector: selects no pod of the set: ${show(selector)}`];
  return items(at(policy, 'spec', 'ingress')).flatMap((rule, index) =>
    items(at(rule, 'ports')).flatMap((port, each) => {
      const name = at(port, 'port');
      if (typeof name !== 'string' || selected.some((template) => portNamesOf(template).has(name))) return [];
      const path = `${child(`${child('spec.ingress', index)}.ports`, each)}.port`;
      return [
        isPortName(name)
          ? `${path}: no selected pod has a port named ${name}`
          : `${path}: must be the name of a port, got ${show(name)}`,
      ];
    }),
  );
}

function disruptionFaults(budget: object, manifests: Manifests): string[] {
  const selector = at(budget, 'spec', 'selector');
  return manifests.selected(namespaceOf(budget), selector).length > 0
    ? []
    : [`spec.selector: selects no pod of the set: ${show(selector)}`];
}

function autoscalerFaults(autoscaler: object, manifests: Manifests): string[] {
  const target = at(autoscaler, 'spec', 'scaleTargetRef');
  const group = text(target, 'apiVersion').split('/')[0] ?? '';
  const [kind, name] = [text(target, 'kind'), text(target, 'name')];
  return manifests.has(group, kind, namespaceOf(autoscaler), name)
    ? []
    : [`spec.scaleTargetRef: there is no ${kind} ${namespaceOf(autoscaler)}/${name} in the set`];
}

function isEmpty(selector: unknown): boolean {
  const { matchLabels, matchExpressions }: Fields = fields(selector);
  return Object.keys(fields(matchLabels)).length === 0 && items(matchExpressions).length === 0;
}
