import { type Labels, type Locator, type Lookup, locate, type PodFacts, type Service, type Workload } from '../model';

/** The service or workload whose pods a template makes; nothing where it is not declared. */
export function ownerOf(find: Lookup, { member }: PodFacts): Service | Workload | undefined {
  return member.kind === 'service' ? find.service(member) : find.workload(member);
}

export function memberLocator({ member }: PodFacts): Locator {
  return locate(member.kind === 'service' ? 'Service' : 'Workload', member);
}

/** The labels by which the pods of a template must be found. */
export function selectorOf(find: Lookup, pod: PodFacts): Labels | undefined {
  const { member } = pod;
  if (member.kind === 'workload') return undefined;
  const service = find.service(member);
  const version = service?.versions.find(({ name }) => name === member.version);
  return service && { ...service.selector, ...version?.selector };
}
