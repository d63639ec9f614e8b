import { type Labels, locate } from '../../model';
import type { Finding, Rule } from '../rule';

export const selectors: Rule = {
  code: 'MESH0226',
  level: 'error',
  summary: 'each service and version selects pods of its own',
  check: ({ model }) => [
    ...model.services.flatMap((service): readonly Finding[] => {
      const at = locate('Service', service);
      const versions = new Map<string, string>();
      const alike = service.versions.flatMap((version) => {
        const key = keyOf(version.selector);
        const other = versions.get(key);
        versions.set(key, other ?? version.name);
        if (other === undefined) return [];
        return {
          at,
          message: `versions ${other} and ${version.name} of ${service.name} select the same pods: ${key || 'all of the namespace'}`,
          fix: `give one of them another \`selector\`, such as { version: '${version.name}' }`,
        };
      });
      return [...(Object.keys(service.selector).length === 0 ? [everything(at, service.name)] : []), ...alike];
    }),
    ...model.workloads
      .filter((workload) => Object.keys(workload.selector).length === 0)
      .map((workload) => everything(locate('Workload', workload), workload.name)),
  ],
};

function everything(at: Finding['at'], name: string): Finding {
  return {
    at,
    message: `${name} selects every pod of its namespace, because its selector has no label`,
    fix: `give its pods and its selector a label, such as { app: '${name}' }`,
  };
}

function keyOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}
