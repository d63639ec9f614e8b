import type { ConnectedProxy } from '../connected-proxy';
import { type Owner, ownerOf } from '../measurements';
import type { Subject } from './subject';

type Labels = { readonly [label: string]: string };

interface Sample {
  /** Appended to the name: `_bucket`. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * Of the control plane itself, as Prometheus reads it. Names, types and labels are those that the dashboards ask for
 * (`lib/dashboards/metrics`). https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function metricsText(subject: Subject, now: number): string {
  return families(subject, now).map(familyText).join('');
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

function families(subject: Subject, now: number): readonly Family[] {
  const { measurements, proxies } = subject;
  const connected = [...proxies.all()];
  const refusing = new Set(
    subject.streams().flatMap(({ key, types }) => (types.some(({ refused }) => refused.size > 0) ? [key] : [])),
  );
  return [
    gauge('meshwright_leader', '1 on the replica that writes to the cluster', [{ value: subject.leads() ? 1 : 0 }]),
    gauge('meshwright_proxies_connected', 'proxies with an open stream to this replica', [{ value: proxies.size }]),
    gauge(
      'meshwright_proxies_out_of_sync',
      'connected proxies that have not acknowledged what was sent to them more than 10 s ago',
      byOwner(connected, (all) => all.filter((proxy) => proxy.awaitsSince(now - patience)).length),
    ),
    gauge(
      'meshwright_proxies_refusing',
      'connected proxies that have refused the newest configuration of some type',
      byOwner(connected, (all) => all.filter(({ key }) => refusing.has(key)).length),
    ),
    counter(
      'meshwright_config_rejected_total',
      'configurations that proxies have refused',
      measurements.rejections.map(({ of, count }) => ({ labels: labelsOf(of), value: count })),
    ),
    counter('meshwright_push_total', 'responses sent to proxies', [{ value: subject.statistics()?.responses ?? 0 }]),
    pushDuration(subject),
    counter('meshwright_certificates_issued_total', 'certificates signed for proxies', [{ value: subject.issued() }]),
    gauge(
      'meshwright_certificate_expiry_timestamp_seconds',
      'when the first of the certificates of the connected proxies of a service ends',
      byOwner(connected, (all) => Math.min(...all.map(({ svid }) => svid.notAfter)) / 1_000),
    ),
    gauge(
      'meshwright_root_certificate_expiry_timestamp_seconds',
      'when a root certificate ends',
      rootExpiries(subject),
    ),
    // Seen from outside of the pods, by whoever can look: nothing is said by a replica that cannot.
    gauge('meshwright_bypass_possible', '1 while an application can be reached past its sidecar', []),
    gauge(
      'meshwright_canary_weight_percent',
      'share of the requests that the candidate of a canary is given',
      canaryWeights(subject),
    ),
    gauge('process_resident_memory_bytes', 'memory that the replica holds', [{ value: process.memoryUsage.rss() }]),
    counter('process_cpu_seconds_total', 'processor time that the replica has used', [{ value: cpuSeconds() }]),
  ];
}

/** After which a proxy that has not answered is out of sync, in milliseconds. */
const patience = 10_000;

function pushDuration({ measurements }: Subject): Family {
  const { buckets, count, sum } = measurements.pushes;
  return {
    name: 'meshwright_push_duration_seconds',
    type: 'histogram',
    help: 'time from a change being seen to a proxy having acknowledged it',
    samples: [
      ...buckets.map(([bound, value]) => ({ suffix: '_bucket', labels: { le: String(bound) }, value })),
      { suffix: '_bucket', labels: { le: '+Inf' }, value: count },
      { suffix: '_sum', value: sum },
      { suffix: '_count', value: count },
    ],
  };
}

/** Roots of one kind are one series: what matters is which ends first. */
function rootExpiries(subject: Subject): readonly Sample[] {
  const first = new Map<string, number>();
  for (const { root, notAfter } of subject.rootExpiries()) {
    first.set(root, Math.min(first.get(root) ?? Number.POSITIVE_INFINITY, notAfter));
  }
  return [...first].map(([root, notAfter]) => ({ labels: { root }, value: notAfter / 1_000 }));
}

/** A canary whose rollout has not begun gives its candidate nothing. */
function canaryWeights(subject: Subject): readonly Sample[] {
  const { model, rollouts } = subject.state();
  return (model?.canaries ?? []).map(({ namespace, name }) => ({
    labels: { canary_namespace: namespace, canary: name },
    value: rollouts.get(`${namespace}/${name}`)?.candidatePercent ?? 0,
  }));
}

function byOwner(
  connected: readonly ConnectedProxy[],
  measure: (all: readonly ConnectedProxy[]) => number,
): readonly Sample[] {
  const groups = new Map<string, { readonly of: Owner; readonly all: ConnectedProxy[] }>();
  for (const proxy of connected) {
    const of = ownerOf(proxy.proxy);
    const key = `${of.namespace}/${of.service}`;
    const group = groups.get(key) ?? { of, all: [] };
    group.all.push(proxy);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ of, all }) => ({ labels: labelsOf(of), value: measure(all) }));
}

function labelsOf({ namespace, service }: Owner): Labels {
  return { proxy_namespace: namespace, proxy_service: service };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'counter', help, samples };
}

function familyText({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${labelsText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
