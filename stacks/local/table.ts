import type { Entrance, PodState, RunState } from './run-state';

/** What runs, for people: a line for each instance, and where to look. */
export function tableOf({ pods }: Pick<RunState, 'pods'>): readonly string[] {
  const header = ['', 'version', 'port', 'address', 'identity', 'state'];
  const rows = [...pods].sort(byPlace).flatMap(rowsOf);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Proxies that stand by themselves come first: they are the ways in. */
function byPlace(a: PodState, b: PodState): number {
  const rank = ({ kind }: PodState) =>
    ['gateway', 'shared-proxy', 'service', 'workload', 'egress-gateway', 'standIn'].indexOf(kind);
  const key = (pod: PodState) => `${rank(pod)} ${pod.namespace}/${pod.name}`;
  return key(a) < key(b) ? -1 : 1;
}

function rowsOf(pod: PodState): readonly (readonly string[])[] {
  const name = `${pod.namespace}/${pod.of}${kinds[pod.kind]}`;
  const state = pod.restarts > 0 ? `${pod.state}, ${plural(pod.restarts, 'restart')}` : pod.state;
  const [first, ...others] = pod.ports;
  return [
    [name, pod.version ?? '', ...portCells(first), pod.identity ?? '', state],
    ...others.map((port) => ['', '', ...portCells(port), '', '']),
  ];
}

const kinds: { readonly [Kind in PodState['kind']]: string } = {
  service: '',
  workload: ' (calls only)',
  gateway: ' (gateway)',
  'egress-gateway': ' (egress gateway)',
  'shared-proxy': ' (shared proxy)',
  standIn: ' (stand-in)',
};

function portCells(port: PodState['ports'][number] | undefined): readonly [string, string] {
  if (!port) return ['', ''];
  return [`${port.port}${port.protocol === '' ? '' : ` ${port.protocol}`}`, `127.0.0.1:${port.at}`];
}

/** How one looks into it. */
export function whereToLook(state: RunState, gatewayCa: string | undefined): readonly string[] {
  const entrances = state.entrances.map((entrance) => [
    `gateway ${entrance.gateway}`,
    entryCommand(entrance, gatewayCa),
  ]);
  const [withProxy] = state.pods.filter(({ adminSocket }) => adminSocket !== undefined);
  const lines = [
    ...entrances,
    ['what each proxy has', `${state.admin}/proxies`],
    ['metrics, problems', `${state.admin}/metrics  ${state.admin}/problems`],
    ...(withProxy?.adminSocket
      ? [["an Envoy's own pages", `curl --unix-socket ${withProxy.adminSocket} http://envoy/`]]
      : []),
    ['logs', `${state.logs} (gone when it ends)`],
  ];
  const width = Math.max(...lines.map(([title = '']) => title.length));
  return lines.map(([title = '', text = '']) => `${title.padEnd(width)}  ${text}`);
}

/** Where the proxy of each caller stands in for its upstreams: what is asked there is asked as that caller. */
export function callsOf({ pods }: Pick<RunState, 'pods'>): readonly string[] {
  const callers = [...pods].sort(byPlace).filter(({ upstreams }) => upstreams.length > 0);
  const width = Math.max(...callers.map(({ name }) => name.length));
  return callers.map(({ name, upstreams }) => {
    const where = upstreams.map((upstream) => `${upstream.name} 127.0.0.1:${upstream.at}`);
    return `as ${name.padEnd(width)}  ${where.join(', ')}`;
  });
}

/** What comes through the gateway is told apart by host, which is not one of this machine. */
export function entryCommand({ protocol, host, port, at }: Entrance, gatewayCa: string | undefined): string {
  const name = host?.replace(/^\*\./, 'any.');
  switch (protocol) {
    case 'http':
      return `curl ${name === undefined ? '' : `-H 'host: ${name}' `}http://127.0.0.1:${at}/`;
    case 'https':
      return `curl ${gatewayCa === undefined ? '' : `--cacert ${gatewayCa} `}--connect-to ::127.0.0.1:${at} https://${name ?? 'localhost'}:${port}/`;
    case 'tls':
      return `curl --connect-to ::127.0.0.1:${at} https://${name ?? 'localhost'}:${port}/`;
    case 'tcp':
      return `nc 127.0.0.1 ${at}`;
  }
}

function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
