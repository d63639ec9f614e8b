import { describe, expect, it } from 'vitest';
import { dashboards, rules } from '../../lib/dashboards';
import { calls } from '../../lib/dashboards/calls';
import { canonical, defaults, lookup, type Objective, Ref } from '../../lib/model';
import { edge, externalService, mesh, model, port, service, telemetry, workload } from '../support/model-builder';
import { shop } from './meshes';
import {
  type Alert,
  checkRules,
  choicesOf,
  promtoolPath,
  queriesOf,
  type Series,
  testAlerts,
  testValues,
  type Variable,
} from './promtool';

if (!promtoolPath) {
  console.warn('skipped: promtool is not here, so rules and queries are not judged by Prometheus; install prometheus');
}

describe.skipIf(!promtoolPath)('Prometheus', () => {
  it('takes every rule', () => {
    const all = rules(shop()).flatMap((group) => group.rules);
    const { ok, output } = checkRules(all);
    expect({ ok, output }).toEqual({
      ok: true,
      output: `Checking rules.yaml\n  SUCCESS: ${all.length} rules found\n\n`,
    });
  });

  it('parses every query of every panel', () => {
    const queries = dashboards(shop()).flatMap(queriesOf);
    expect(queries.length).toBeGreaterThan(200);
    const { ok, output } = checkRules(queries.map(({ expr }, index) => ({ record: `panel_${index}`, expr })));
    const named = output.replace(/panel_(\d+)/g, (_, index) => JSON.stringify(queries[Number(index)]));
    expect({ ok, named }).toEqual({
      ok: true,
      named: `Checking rules.yaml\n  SUCCESS: ${queries.length} rules found\n\n`,
    });
  });

  it('refuses what is none, so that the two cases above say something', () => {
    expect(checkRules([{ record: 'x', expr: 'sum(' }]).ok).toBe(false);
  });
});

describe.skipIf(!promtoolPath)('a call', () => {
  const mesh = shop();
  const find = lookup(mesh);
  const all = calls(mesh).all.map((call, index) => ({ ...call, rate: 2 ** index }));
  const pages = new Map(
    dashboards(mesh).map(({ title, json }) => [title.replace(/^.* /, ''), JSON.parse(json) as Page]),
  );

  it('is drawn, it alone, in its row on the page of its caller and in its line on the page of its callee', () => {
    const series = all.map(({ from, to, port, view, rate }): Series => {
      const version = to.kind === 'service' ? (find.service(to)?.versions[0]?.name ?? '') : '@external';
      const labels = `namespace="${from.namespace}",mesh_service="${from.name}",envoy_cluster_name="outbound|${port}|${version}|${to.namespace}|${to.name}"`;
      return {
        series:
          view === 'tcp'
            ? `envoy_cluster_upstream_cx_total{${labels}}`
            : `envoy_cluster_upstream_rq_xx{${labels},envoy_response_code_class="2"}`,
        values: `0+${60 * rate}x20`,
      };
    });
    const asCaller = all.map(({ from, to, port, view, rate }) => {
      const page = pages.get(`${from.namespace}/${from.declared}`);
      const variable = view === 'tcp' ? 'connection' : 'edge';
      const value = page?.templating.list
        .filter(({ name }) => name === variable)
        .flatMap(choicesOf)
        .find(({ text }) => text.endsWith(`${to.namespace}/${to.name}:${port}`))?.value;
      const expr = exprOf(page, view === 'tcp' ? 'Connections' : 'Requests').replace(`\${${variable}:raw}`, `${value}`);
      const labels = view === 'tcp' ? '{}' : '{envoy_response_code_class="2"}';
      return { expr, samples: [{ labels, value: rate }] };
    });
    const asCallee = all
      .filter(({ to }) => to.kind === 'service')
      .map(({ to, view }) => {
        const title = view === 'tcp' ? 'Connections of callers' : 'Requests of callers';
        const samples = all
          .filter((other) => Ref.equal(other.to, to))
          .map(({ from, rate }) => ({
            labels: `{${view === 'tcp' ? '' : 'envoy_response_code_class="2",'}namespace="${from.namespace}",mesh_service="${from.name}"}`,
            value: rate,
          }));
        return { expr: exprOf(pages.get(Ref.key(to)), title), samples };
      });
    const { ok, output } = testValues([], series, '10m', [...asCaller, ...asCallee]);
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });

  interface Page {
    readonly templating: { readonly list: readonly Variable[] };
    readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
  }

  /** Sections above have panels of the same names; those of calls come last. */
  function exprOf(page: Page | undefined, title: string): string {
    const expr = page?.panels.filter((panel) => panel.title === title && panel.targets).at(-1)?.targets?.[0]?.expr;
    if (expr === undefined) throw new Error(`the page has no panel "${title}"`);
    return expr.replaceAll('$__rate_interval', '5m');
  }
});

/** 100 requests each second for four hours, of which some fail. */
const minutes = 240;

describe.skipIf(!promtoolPath)('MeshwrightErrorBudgetBurn', () => {
  const groups = rules(promising({ successRate: 99.9 }));
  const critical = (value: string) => burn('critical', value, '1.44 % over 1h and 5m, or 0.6 % over 6h and 30m');
  const warning = (value: string) => burn('warning', value, '0.3 % over 1d and 2h, or 0.1 % over 3d and 6h');

  it('calls somebody when the budget of a month would last for two days', () => {
    fires(groups, answers({ ok: 98, failed: 2 }), 'MeshwrightErrorBudgetBurn', {
      '70m': [critical('2%'), warning('2%')],
    });
  });

  it('is written down for tomorrow when it would last for ten', () => {
    fires(groups, answers({ ok: 99.6, failed: 0.4 }), 'MeshwrightErrorBudgetBurn', { '3h': [warning('0.4%')] });
  });

  it('is silent within the budget', () => {
    fires(groups, answers({ ok: 99.92, failed: 0.08 }), 'MeshwrightErrorBudgetBurn', { '3h': [] });
  });

  it('is silent about a minute of failures: the long windows do not see them', () => {
    const spike = [answered('2', `0+6000x${minutes}`), answered('5', `0x180 0+60x1 60x${minutes}`)];
    fires(groups, spike, 'MeshwrightErrorBudgetBurn', { '184m': [] });
  });

  it('ends soon after the failures: the short windows see that they are over', () => {
    const over = [answered('2', `0+6000x${minutes}`), answered('5', `0+120x60 7200x${minutes}`)];
    fires(groups, over, 'MeshwrightErrorBudgetBurn', { '60m': [critical('1.961%'), warning('1.961%')] });
    // 30 minutes and the five of the rate itself have passed; the windows of days remember.
    fires(groups, over, 'MeshwrightErrorBudgetBurn', { '100m': [warning('1.21%')] });
  });

  it('is silent when nobody calls, and when nobody has ever failed', () => {
    fires(groups, answers({ ok: 0, failed: 0 }), 'MeshwrightErrorBudgetBurn', { '70m': [] });
    fires(groups, [answered('2', `0+6000x${minutes}`)], 'MeshwrightErrorBudgetBurn', { '70m': [] });
    fires(groups, [], 'MeshwrightErrorBudgetBurn', { '70m': [] });
  });

  it('can fire where a month of burning would ask for more failures than requests', () => {
    const loose = rules(promising({ successRate: 90 }));
    const total = [answered('2', `0x${minutes}`), answered('5', `0+6000x${minutes}`)];
    fires(loose, total, 'MeshwrightErrorBudgetBurn', {
      '70m': [
        burn('critical', '100%', '90 % over 1h and 5m, or 60 % over 6h and 30m', '90'),
        burn('warning', '100%', '30 % over 1d and 2h, or 10 % over 3d and 6h', '90'),
      ],
    });
  });

  it('spends the same shares of a budget of a week', () => {
    const week = rules(promising({ successRate: 99, window: 7 * 86_400_000 }));
    const said = '3.36 % over 1h and 5m, or 1.4 % over 6h and 30m';
    fires(week, answers({ ok: 96, failed: 4 }), 'MeshwrightErrorBudgetBurn', {
      '70m': [
        burn('critical', '4%', said, '99', '7 days'),
        burn('warning', '4%', '1 % over 1d and 2h, or 1 % over 3d and 6h', '99', '7 days'),
      ],
    });
    fires(week, answers({ ok: 98.7, failed: 1.3 }), 'MeshwrightErrorBudgetBurn', {
      '70m': [burn('warning', '1.3%', '1 % over 1d and 2h, or 1 % over 3d and 6h', '99', '7 days')],
    });
  });
});

describe.skipIf(!promtoolPath)('gRPC calls', () => {
  const calls = (status: string, values: string): Series => ({
    series: `envoy_cluster_grpc{namespace="shop",mesh_service="api",pod="api-0",envoy_cluster_name="inbound|8080",grpc_status="${status}"}`,
    values,
  });
  const groups = rules(canonical(model({ services: [service('api', { ports: [port('grpc', 8080)] })] })));
  const answered200 = answered('2', `0+6000x${minutes}`);
  const ratio = 'mesh_service:error_ratio:rate5m';

  it('fail by their own status, which HTTP does not tell', () => {
    const { ok, output } = testValues(
      groups,
      [answered200, calls('0', '0+5400x60'), calls('14', '0+300x60'), calls('2', '0+300x60')],
      '30m',
      [{ expr: ratio, samples: [{ labels: `${ratio}{mesh_service="api", namespace="shop"}`, value: 0.1 }] }],
    );
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });

  it('do not fail for what is the fault of the caller, such as "not found"', () => {
    const { ok, output } = testValues(groups, [answered200, calls('5', '0+3000x60')], '30m', [
      { expr: ratio, samples: [{ labels: `${ratio}{mesh_service="api", namespace="shop"}`, value: 0 }] },
    ]);
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });
});

describe.skipIf(!promtoolPath)('MeshwrightLatencyBudgetBurn', () => {
  const groups = rules(promising({ successRate: 99.9, latency: { percent: 99, below: 250 } }));
  const timed = (fast: number, le = '250'): readonly Series[] => [
    answered('2', `0+6000x${minutes}`),
    { series: `envoy_http_downstream_rq_time_count{${of}}`, values: `0+6000x${minutes}` },
    { series: `envoy_http_downstream_rq_time_bucket{${of},le="${le}"}`, values: `0+${fast}x${minutes}` },
    { series: `envoy_http_downstream_rq_time_bucket{${of},le="+Inf"}`, values: `0+6000x${minutes}` },
  ];
  const alert = (severity: string, value: string, limits: string) => ({
    labels: { ...labels, severity },
    annotations: {
      summary: 'shop/api delays more requests than its objective allows',
      description: `Objective: 99 % of requests are faster than 250ms, over 30 days. Now ${value} do not; it fires above ${limits}.`,
    },
  });
  const critical = alert('critical', '20%', '14.4 % over 1h and 5m, or 6 % over 6h and 30m');
  const warning = alert('warning', '20%', '3 % over 1d and 2h, or 1 % over 3d and 6h');

  it('fires when too many requests are slow', () => {
    fires(groups, timed(4800), 'MeshwrightLatencyBudgetBurn', { '70m': [critical, warning] });
  });

  it('finds the bucket as Prometheus 3 writes it', () => {
    fires(groups, timed(4800, '250.0'), 'MeshwrightLatencyBudgetBurn', { '70m': [critical, warning] });
  });

  it('is silent when enough are fast', () => {
    fires(groups, timed(5970), 'MeshwrightLatencyBudgetBurn', { '70m': [] });
  });
});

describe.skipIf(!promtoolPath)('alerts of the mesh', () => {
  const groups = rules(shop());
  const cp = 'namespace="meshwright-system",pod="meshwright-0"';
  const ofWeb = `${cp},proxy_namespace="shop",proxy_service="web"`;
  const web = { mesh: 'shop', service: 'shop/web', proxy_namespace: 'shop', proxy_service: 'web' };
  const alive: Series = { series: `meshwright_proxies_connected{${cp}}`, values: '3x3000' };
  const hour = 3600;

  it('MeshwrightCertificateExpiring: a quarter of its life is left, then a tenth', () => {
    const { root } = defaults.certificates;
    const hourly = rules(model({ mesh: mesh({ name: 'shop', certificates: { lifetime: 3_600_000, root } }) }));
    const series = [{ series: `meshwright_certificate_expiry_timestamp_seconds{${ofWeb}}`, values: '3600x90' }];
    const alert = (severity: string, left: string, text: string) => ({
      labels: { ...web, severity },
      annotations: {
        summary: 'a certificate of shop/web ends soon',
        description: `It ends in ${left}, less than ${text} of its life. It should have been renewed at half of it; when it ends, calls from and to this pod fail. See what the control plane says about the pod.`,
      },
    });
    fires(hourly, series, 'MeshwrightCertificateExpiring', {
      '45m': [],
      '51m': [alert('warning', '9m 0s', 'a quarter')],
      '59m': [alert('warning', '1m 0s', 'a quarter')],
      '60m': [alert('warning', '0s', 'a quarter'), alert('critical', '0s', 'a tenth')],
    });
  });

  it('MeshwrightRootCertificateExpiring: a month before, and a week before', () => {
    const root = (left: number, name = 'issuing') => [
      { series: `meshwright_root_certificate_expiry_timestamp_seconds{${cp},root="${name}"}`, values: `${left}x120` },
    ];
    const day = 24 * hour;
    const alert = (severity: string, left: string) => ({
      labels: { mesh: 'shop', severity, root: 'issuing' },
      annotations: {
        summary: 'the certificate that signs for mesh shop ends soon',
        description: `It ends in ${left}. After that no proxy gets a certificate, and calls fail as those they have end.`,
      },
    });
    fires(groups, root(31 * day), 'MeshwrightRootCertificateExpiring', { '60m': [] });
    fires(groups, root(30 * day), 'MeshwrightRootCertificateExpiring', { '60m': [alert('warning', '29d 23h 0m 0s')] });
    fires(groups, root(7 * day), 'MeshwrightRootCertificateExpiring', {
      '60m': [alert('warning', '6d 23h 0m 0s'), alert('critical', '6d 23h 0m 0s')],
    });
    fires(groups, root(day, 'trusted'), 'MeshwrightRootCertificateExpiring', { '60m': [] });
  });

  it('MeshwrightRootCertificateExpiring leaves an intermediate of three weeks its time', () => {
    const issuer = {
      kind: 'certManager',
      issuer: { name: 'ca', kind: 'ClusterIssuer' },
      lifetime: 21 * 86_400_000,
    } as const;
    const short = rules(model({ mesh: mesh({ name: 'shop', certificates: { lifetime: 86_400_000, root: issuer } }) }));
    const left = (seconds: number) => [
      { series: `meshwright_root_certificate_expiry_timestamp_seconds{${cp},root="issuing"}`, values: `${seconds}x60` },
    ];
    fires(short, left(7 * 24 * hour), 'MeshwrightRootCertificateExpiring', { '30m': [] });
    const { ok } = testAlerts(short, left(5 * 24 * hour), 'MeshwrightRootCertificateExpiring', [
      { at: '30m', alerts: [] },
    ]);
    expect(ok).toBe(false);
  });

  it('MeshwrightProxiesOutOfSync: for ten minutes, over all replicas', () => {
    const series = [
      { series: `meshwright_proxies_out_of_sync{${ofWeb}}`, values: '1x30 0x30' },
      { series: `meshwright_proxies_out_of_sync{${ofWeb.replace('-0', '-1')}}`, values: '2x30 0x30' },
    ];
    const alert = {
      labels: { ...web, severity: 'warning' },
      annotations: {
        summary: 'proxies of shop/web do not follow the mesh',
        description:
          '3 proxies have not acknowledged their configuration for ten minutes: they still do what was declared before.',
      },
    };
    fires(groups, series, 'MeshwrightProxiesOutOfSync', { '9m': [], '11m': [alert], '40m': [] });
  });

  it('MeshwrightConfigurationRefused: while a proxy keeps what it had', () => {
    const series = [{ series: `meshwright_proxies_refusing{${ofWeb}}`, values: '0x10 1x20 0x10' }];
    const alert = {
      labels: { ...web, severity: 'warning' },
      annotations: {
        summary: 'proxies of shop/web refuse their configuration',
        description:
          '1 proxies keep the last configuration they took. The object that caused it has a condition Programmed=False with the reason.',
      },
    };
    fires(groups, series, 'MeshwrightConfigurationRefused', { '8m': [], '15m': [alert], '35m': [] });
  });

  it('MeshwrightBypassPossible: for five minutes', () => {
    const series = [{ series: `meshwright_bypass_possible{${ofWeb}}`, values: '1x20 0x20' }];
    const alert = {
      labels: { ...web, severity: 'critical' },
      annotations: {
        summary: 'shop/web can be reached past its sidecar',
        description:
          'The control plane could connect to a port of the application itself: whoever can do so too meets neither mutual TLS nor access policy. See whether the network plugin of the cluster enforces NetworkPolicy, and whether another policy opens the port.',
      },
    };
    fires(groups, series, 'MeshwrightBypassPossible', { '4m': [], '6m': [alert], '30m': [] });
  });

  it('MeshwrightControlPlaneAbsent: without a single replica for five minutes', () => {
    const alert = {
      labels: { mesh: 'shop', severity: 'critical', namespace: 'meshwright-system' },
      annotations: {
        summary: 'the control plane of mesh shop is away',
        description:
          'No replica of meshwright-system/meshwright reports metrics. Proxies go on with what they have, but no new pod can join, nothing that is declared takes effect, and certificates are not renewed.',
      },
    };
    fires(groups, [], 'MeshwrightControlPlaneAbsent', { '4m': [], '6m': [alert] });
    fires(groups, [alive], 'MeshwrightControlPlaneAbsent', { '6m': [] });
    const other = { series: 'meshwright_proxies_connected{namespace="another-mesh"}', values: '3x30' };
    fires(groups, [other], 'MeshwrightControlPlaneAbsent', { '6m': [alert] });
  });

  it('MeshwrightControlPlaneWithoutLeader: replicas, and none leads', () => {
    const lead = (values: string) => [
      { series: `meshwright_leader{${cp}}`, values },
      { series: `meshwright_leader{${cp.replace('-0', '-1')}}`, values: '0x60' },
    ];
    const alert = {
      labels: { mesh: 'shop', severity: 'warning' },
      annotations: {
        summary: 'no replica of the control plane of mesh shop leads',
        description:
          'Rollouts stand still and no status is written. See who holds the lease meshwright-system/meshwright.',
      },
    };
    fires(groups, lead('0x60'), 'MeshwrightControlPlaneWithoutLeader', { '4m': [], '6m': [alert] });
    fires(groups, lead('1x60'), 'MeshwrightControlPlaneWithoutLeader', { '6m': [] });
  });

  it('MeshwrightInstancesEjected: for five minutes, by caller and upstream', () => {
    const cluster = 'outbound|80|v1|shop|reviews';
    const series = (pod: string, values: string) => ({
      series: `envoy_cluster_outlier_detection_ejections_active{namespace="shop",mesh_service="web",pod="${pod}",envoy_cluster_name="${cluster}"}`,
      values,
    });
    const alert = {
      labels: {
        mesh: 'shop',
        severity: 'warning',
        service: 'shop/web',
        namespace: 'shop',
        mesh_service: 'web',
        envoy_cluster_name: cluster,
      },
      annotations: {
        summary: 'shop/web leaves instances of an upstream alone',
        description: `A proxy has taken 2 instances of ${cluster} out of its rotation for five minutes, because they failed again and again.`,
      },
    };
    const both = [series('web-0', '1x20 0x20'), series('web-1', '2x20 0x20')];
    fires(groups, both, 'MeshwrightInstancesEjected', { '4m': [], '7m': [alert], '30m': [] });
  });

  it('MeshwrightCallsDenied: of requests, connections and calls in plain text alike', () => {
    const own = 'namespace="shop",mesh_service="web",pod="web-0"';
    const sources = [
      `envoy_http_rbac_denied{${own},envoy_http_conn_manager_prefix="inbound|8080"}`,
      `envoy_rbac_denied{${own},envoy_rbac_prefix="inbound|5432"}`,
      `envoy_http_rq_direct_response{${own},envoy_http_conn_manager_prefix="inbound|8080"}`,
    ];
    const alert = (rate: string) => ({
      labels: { mesh: 'shop', severity: 'info', service: 'shop/web', namespace: 'shop', mesh_service: 'web' },
      annotations: {
        summary: 'calls to shop/web are denied',
        description: `${rate} calls per second that no declared edge and no policy allows. If they should be allowed, declare the edge in the program of the caller; the answer to a denied call names it.`,
      },
    });
    for (const series of sources) {
      fires(groups, [{ series, values: '0+60x40' }], 'MeshwrightCallsDenied', { '4m': [], '20m': [alert('1')] });
      fires(groups, [{ series, values: '60x40' }], 'MeshwrightCallsDenied', { '20m': [] });
    }
    const all = sources.map((series) => ({ series, values: '0+60x40' }));
    fires(groups, all, 'MeshwrightCallsDenied', { '20m': [alert('3')] });
    // Answers that a proxy gives for its own application, on the way out, are no denials.
    const outbound = sources[2]?.replace('inbound|8080', 'outbound|80||shop|x') ?? '';
    fires(groups, [{ series: outbound, values: '0+60x40' }], 'MeshwrightCallsDenied', { '20m': [] });
  });
});

describe.skipIf(!promtoolPath)('what is recorded of calls', () => {
  const caller = workload('job');
  const api = service('api');
  const bank = externalService('bank', { protocol: 'http', tls: { kind: 'originate' } });
  const groups = rules(
    canonical(
      model({
        services: [api],
        workloads: [caller],
        externalServices: [bank],
        edges: [edge(caller, api), edge(caller, bank)],
      }),
    ),
  );
  const of = (cluster: string, more = '') =>
    `{namespace="shop",mesh_service="job",pod="job-0",envoy_cluster_name="${cluster}"${more}}`;
  const [inside, outside] = ['outbound|80||shop|api', 'outbound|443|@external|shop|bank'];
  const label = (name: string, cluster: string) =>
    `${name}{envoy_cluster_name="${cluster}", mesh_service="job", namespace="shop"}`;

  it('tells upstreams apart, and counts no failures as zero', () => {
    const series = [
      { series: `envoy_cluster_upstream_rq_xx${of(inside, ',envoy_response_code_class="2"')}`, values: '0+540x60' },
      { series: `envoy_cluster_upstream_rq_xx${of(inside, ',envoy_response_code_class="5"')}`, values: '0+60x60' },
      { series: `envoy_cluster_upstream_rq_xx${of(outside, ',envoy_response_code_class="4"')}`, values: '0+120x60' },
      {
        series: `envoy_cluster_upstream_rq_xx${of('control_plane', ',envoy_response_code_class="2"')}`,
        values: '0+6x60',
      },
      { series: `envoy_cluster_ssl_connection_error${of(inside)}`, values: '0+60x60' },
      { series: `envoy_cluster_ssl_fail_verify_error${of(inside)}`, values: '0x60' },
      { series: `envoy_cluster_ssl_fail_verify_san${of(inside)}`, values: '0+120x60' },
    ];
    const { ok, output } = testValues(groups, series, '30m', [
      {
        expr: 'mesh_edge:requests:rate5m',
        samples: [
          { labels: label('mesh_edge:requests:rate5m', inside), value: 10 },
          { labels: label('mesh_edge:requests:rate5m', outside), value: 2 },
        ],
      },
      {
        expr: 'mesh_edge:errors:rate5m',
        samples: [
          { labels: label('mesh_edge:errors:rate5m', inside), value: 1 },
          { labels: label('mesh_edge:errors:rate5m', outside), value: 0 },
        ],
      },
      {
        expr: 'mesh_edge:tls_failures:rate5m',
        samples: [{ labels: label('mesh_edge:tls_failures:rate5m', inside), value: 3 }],
      },
    ]);
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });
});

/** A service `shop/api` with an objective of its own. */
function promising(objective: Objective) {
  const api = service('api');
  return canonical(model({ services: [api], telemetries: [telemetry(api, { objective })] }));
}

const of = 'namespace="shop",mesh_service="api",pod="api-0",envoy_http_conn_manager_prefix="inbound|8080"';
const labels = { mesh: 'mesh', service: 'shop/api', namespace: 'shop', mesh_service: 'api' };

function answered(responseClass: string, values: string): Series {
  return { series: `envoy_http_downstream_rq_xx{${of},envoy_response_code_class="${responseClass}"}`, values };
}

/** Requests per second. */
function answers({ ok, failed }: { readonly ok: number; readonly failed: number }): readonly Series[] {
  return [answered('2', `0+${ok * 60}x${minutes}`), answered('5', `0+${failed * 60}x${minutes}`)];
}

function burn(
  severity: string,
  value: string,
  limits: string,
  objective = '99.9',
  window = '30 days',
): Omit<Alert, 'alertname'> {
  return {
    labels: { ...labels, severity },
    annotations: {
      summary: 'shop/api fails more requests than its objective allows',
      description: `Objective: ${objective} % of requests succeed, over ${window}. Now ${value} do not; it fires above ${limits}.`,
    },
  };
}

function fires(
  groups: Parameters<typeof testAlerts>[0],
  series: readonly Series[],
  alertname: string,
  expected: { readonly [at: string]: readonly Omit<Alert, 'alertname'>[] },
): void {
  const { ok, output } = testAlerts(
    groups,
    series,
    alertname,
    Object.entries(expected).map(([at, alerts]) => ({ at, alerts })),
  );
  expect(ok, output).toBe(true);
}
