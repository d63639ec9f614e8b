import { at, child, fields, items, repeated, text } from '../json';
import { nameOf } from '../objects';
import { type Container, containersOf, type PodTemplate } from '../pods';
import { Quantity } from '../schema/quantity';
import { show } from '../schema/values';
import type { Law } from './manifests';

/** What the API server checks of containers beyond their schema. */
export const podsLaw: Law = ({ templates }) =>
  templates.flatMap((template) => {
    const containers = containersOf(template);
    const faults = [
      ...containerNameFaults(template, containers),
      ...portNameFaults(template, containers),
      ...containers.flatMap(containerFaults),
    ];
    return faults.map((fault) => `${nameOf(template.owner)}: ${fault}`);
  });

function containerNameFaults({ path }: PodTemplate, containers: readonly Container[]): string[] {
  const faults = repeated(containers.map(({ name }) => name)).map(
    (name) => `${path}: container name ${name} must not be there twice`,
  );
  if (!containers.some(({ kind }) => kind === 'containers')) faults.push(`${path}.containers: must hold at least one`);
  const wrong = containers.filter(({ name }) => name.length > 63 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name));
  return [
    ...faults,
    ...wrong.map((container) => `${container.path}.name: must be a DNS-1123 label, got ${show(container.name)}`),
  ];
}

/** A Service finds a port by its name in the whole pod: of two with one name it takes the first. */
function portNameFaults({ path }: PodTemplate, containers: readonly Container[]): string[] {
  const names = containers.flatMap((container) =>
    items(container.fields.ports)
      .map((port) => text(port, 'name'))
      .filter((name) => name !== ''),
  );
  return repeated(names).map((name) => `${path}: port name ${name} must not be there twice`);
}

function containerFaults(container: Container): string[] {
  const { fields: spec, path } = container;
  const faults: string[] = [];
  if (text(spec, 'image') === '') faults.push(`${path}.image: must be set`);
  for (const [index, port] of items(spec.ports).entries()) {
    const name = at(port, 'name');
    const number = at(port, 'containerPort');
    const portPath = child(`${path}.ports`, index);
    if (name !== undefined && !isPortName(String(name)))
      faults.push(
        `${portPath}.name: must be at most 15 small letters, digits and single "-", with a letter among them, got ${show(name)}`,
      );
    if (!isPortNumber(number)) faults.push(`${portPath}.containerPort: must be from 1 to 65535, got ${show(number)}`);
  }
  const environment = items(spec.env).map((variable) => text(variable, 'name'));
  faults.push(...repeated(environment).map((name) => `${path}.env: ${name} must not be there twice`));
  faults.push(
    ...environment
      .filter((name) => !/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name))
      .map((name) => `${path}.env: must be named with letters, digits, "-", "_" and ".", got ${show(name)}`),
  );
  for (const [index, variable] of items(spec.env).entries()) {
    if (at(variable, 'value') !== undefined && at(variable, 'valueFrom') !== undefined)
      faults.push(`${child(`${path}.env`, index)}: must have value or valueFrom, not both`);
  }
  return [...faults, ...probeFaults(container), ...resourceFaults(container)];
}

function probeFaults({ fields: spec, path, kind }: Container): string[] {
  const ports = new Set(items(spec.ports).map((port) => text(port, 'name')));
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
  const faults = probes.flatMap((name) => {
    const probe = spec[name];
    if (probe === undefined) return [];
    const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter((handler) => at(probe, handler) !== undefined);
    if (handlers.length !== 1)
      return [
        `${path}.${name}: must have exactly one of exec, httpGet, tcpSocket and grpc, got ${handlers.length === 0 ? 'none' : handlers.join(' and ')}`,
      ];
    const port = at(probe, handlers[0] ?? '', 'port');
    if (typeof port !== 'string' || ports.has(port)) return [];
    return [`${path}.${name}.${handlers[0]}.port: the container has no port ${show(port)}`];
  });
  const isPlainInit = kind === 'initContainers' && text(spec, 'restartPolicy') !== 'Always';
  const forbidden = isPlainInit ? [...probes, 'lifecycle'].filter((name) => spec[name] !== undefined) : [];
  return [
    ...faults,
    ...forbidden.map((name) => `${path}.${name}: must not be set for an init container that is not restarted always`),
  ];
}

function resourceFaults({ fields: spec, path }: Container): string[] {
  const requests = fields(at(spec, 'resources', 'requests'));
  const limits = fields(at(spec, 'resources', 'limits'));
  const faults: string[] = [];
  for (const [kind, amounts] of Object.entries({ requests, limits })) {
    for (const [resource, amount] of Object.entries(amounts)) {
      if (!Quantity.parse(String(amount)))
        faults.push(
          `${path}.resources.${kind}.${resource}: must be a quantity such as 100m or 64Mi, got ${show(amount)}`,
        );
    }
  }
  for (const [resource, request] of Object.entries(requests)) {
    const asked = Quantity.parse(String(request));
    const most = Quantity.parse(String(limits[resource]));
    if (asked && most && asked.nano > most.nano)
      faults.push(
        `${path}.resources.requests.${resource}: must not be more than the limit ${limits[resource]}, got ${request}`,
      );
  }
  return faults;
}

/** https://www.rfc-editor.org/rfc/rfc6335#section-5.1 */
export function isPortName(name: string): boolean {
  return name.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && /[a-z]/.test(name);
}

function isPortNumber(number: unknown): boolean {
  return Number.isInteger(number) && Number(number) >= 1 && Number(number) <= 65535;
}
