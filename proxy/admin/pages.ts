import { MeshProxy } from '../../lib/envoy';
import { Identity } from '../../lib/model';
import type { ConnectedProxy } from '../connected-proxy';
import { redacted } from '../identity';
import type { StreamStatus, TypeStatus } from '../xds';
import { metricsContentType, metricsText } from './metrics';
import type { Subject } from './subject';

export interface Page {
  readonly status: 200 | 404 | 503;
  readonly contentType: string;
  readonly body: string;
}

/** What there is at a path. */
export function pageAt(path: string, subject: Subject, now: number): Page {
  switch (path) {
    case '/healthz':
      return text(200, 'ok');
    case '/readyz':
      return subject.isReady() ? text(200, 'ready') : text(503, 'no mesh can be read yet');
    case '/metrics':
      return { status: 200, contentType: metricsContentType, body: metricsText(subject, now) };
    case '/proxies':
      return json({ proxies: proxies(subject), waiting: subject.waiting().map(times) });
    case '/problems':
      return json({ problems: problems(subject) });
    default:
      return proxyPage(path, subject) ?? text(404, 'there is nothing here');
  }
}

function proxyPage(path: string, subject: Subject): Page | undefined {
  const [, namespace, name, config] = /^\/proxies\/([^/]+)\/([^/]+?)(\/config)?$/.exec(path) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  const pod = `${namespace}/${name}`;
  const proxy = subject.proxies.of(pod).at(-1);
  const stream = subject.streams().findLast(({ key }) => key === pod);
  if (!proxy || !stream) return text(404, `no proxy ${pod} is connected`);
  return json(config ? configurationOf(proxy, stream) : statusOf(proxy, stream));
}

function proxies(subject: Subject): readonly object[] {
  const streams = new Map(subject.streams().map((stream) => [stream.key, stream]));
  return [...subject.proxies.all()].flatMap((proxy) => {
    const stream = streams.get(proxy.key);
    return stream ? [statusOf(proxy, stream)] : [];
  });
}

function statusOf(proxy: ConnectedProxy, { protocol, node, peer, since, settled, types }: StreamStatus): object {
  return {
    pod: proxy.key,
    proxy: MeshProxy.key(proxy.proxy),
    identity: Identity.key(proxy.identity),
    peer,
    protocol,
    userAgent: node.userAgent,
    connectedSince: iso(since),
    certificateEnds: iso(proxy.svid.notAfter),
    settled,
    types: Object.fromEntries(types.map((type) => [shortName(type.typeUrl), typeStatus(type)])),
  };
}

function typeStatus({ subscribed, acknowledged, inFlight, refused }: TypeStatus): object {
  return {
    subscribed: subscribed === 'all' ? 'all' : [...subscribed].sort(),
    acknowledged: sorted(acknowledged),
    ...(inFlight && { sent: sorted(inFlight.resources), removed: inFlight.removed }),
    ...(refused.size > 0 && { refused: sorted(refused) }),
  };
}

/** What it has acknowledged, or was sent and has not answered yet. Keys are left out. */
function configurationOf(proxy: ConnectedProxy, { types }: StreamStatus): object {
  return Object.fromEntries(
    types.map(({ typeUrl, acknowledged, inFlight }) => {
      const versions = new Map([...acknowledged, ...(inFlight?.resources ?? [])]);
      const resources = [...versions]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, version]) => {
          const resource = proxy.lastSent(typeUrl, name, version);
          return {
            name,
            version,
            ...(resource ? { resource: redacted(resource.json) } : { resource: 'not known here' }),
          };
        });
      return [shortName(typeUrl), resources];
    }),
  );
}

function problems(subject: Subject): readonly object[] {
  return [
    ...subject.problems().map(({ proxy, resource, reasons }) => ({
      kind: 'cannot be served',
      ...(proxy !== undefined && { proxy }),
      ...(resource && { type: shortName(resource.typeUrl), name: resource.name }),
      reasons,
    })),
    ...subject.streams().flatMap(({ key, types }) =>
      types.flatMap(({ typeUrl, refused }) =>
        [...refused].map(([name, { version, reason }]) => ({
          kind: 'refused by a proxy',
          pod: key,
          type: shortName(typeUrl),
          name,
          version,
          reasons: [reason],
        })),
      ),
    ),
    ...[...subject.proxies.all()].flatMap((proxy) =>
      proxy.missingSecrets().map((name) => ({
        kind: 'a secret is missing',
        pod: proxy.key,
        name,
        reasons: [`${MeshProxy.key(proxy.proxy)} refers to it`],
      })),
    ),
    ...subject.waiting().map(({ pod, waitsFor }) => ({
      kind: 'a proxy waits',
      pod,
      reasons: [`it waits for ${waitsFor}`],
    })),
  ];
}

function times<Shown extends { readonly since: number }>(shown: Shown): object {
  return { ...shown, since: iso(shown.since) };
}

/** `Cluster`. */
function shortName(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
}

function sorted<Value>(map: ReadonlyMap<string, Value>): { readonly [name: string]: Value } {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function json(value: object): Page {
  return { status: 200, contentType: 'application/json', body: `${JSON.stringify(value, undefined, 2)}\n` };
}

function text(status: Page['status'], body: string): Page {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
}
