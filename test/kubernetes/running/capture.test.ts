import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { captureContainer, captureRules, proxyUser, type TransparentCapture } from '../../../lib/kubernetes/running';

const nothing: TransparentCapture = {
  kind: 'transparent',
  excludeInboundPorts: [],
  excludeOutboundPorts: [],
  excludeOutboundAddresses: [],
};

describe('rules of transparent capture', () => {
  it('leave out what there is nothing to say about', () => {
    expect(captureRules(nothing, [])).toBe(
      [
        'table inet meshwright',
        'delete table inet meshwright',
        'table inet meshwright {',
        '  chain outbound {',
        '    type nat hook output priority -100; policy accept;',
        '    meta l4proto != tcp accept',
        '    meta skuid 15000 accept',
        '    oif lo accept',
        '    tcp dport 53 accept',
        '    meta l4proto tcp redirect to :15001',
        '  }',
        '  chain inbound {',
        '    type nat hook prerouting priority -100; policy accept;',
        '    meta l4proto != tcp accept',
        '    iif lo accept',
        '    tcp dport 15000-15199 accept',
        '    meta l4proto tcp redirect to :15006',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('are the same whatever the order in which exclusions are given, and say each once', () => {
    const one = captureRules(
      { ...nothing, excludeOutboundPorts: [25, 5432, 25], excludeOutboundAddresses: ['fd00::/8', '10.0.0.0/8'] },
      [80, 8080],
    );
    const other = captureRules(
      {
        ...nothing,
        excludeOutboundPorts: [5432, 25],
        excludeOutboundAddresses: ['10.0.0.0/8', 'fd00::/8', '10.0.0.0/8'],
      },
      [8080, 80, 80],
    );
    expect(one).toBe(other);
    expect(one).toContain(
      '    tcp dport { 25, 5432 } accept\n    ip daddr 10.0.0.0/8 accept\n    ip6 daddr fd00::/8 accept\n',
    );
  });

  it('let nothing but addresses into the program', () => {
    expect(() =>
      captureRules({ ...nothing, excludeOutboundAddresses: ['10.0.0.0/8 accept\n    flush ruleset'] }, []),
    ).toThrow(
      'excludeOutboundAddresses holds "10.0.0.0/8 accept\\n    flush ruleset"; write a range such as 10.0.0.0/8 or fd00::/8',
    );
  });
});

describe('the init container of transparent capture', () => {
  const spec = {
    containers: [
      {
        name: 'app',
        ports: [{ name: 'web', containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/', port: 'web' } },
        livenessProbe: { tcpSocket: { port: 9000 } },
        startupProbe: { grpc: { port: 9001 } },
        lifecycle: { preStop: { httpGet: { path: '/stop', port: 9002 } }, postStart: { exec: { command: ['true'] } } },
      },
      { name: 'other', readinessProbe: { httpGet: { path: '/', port: 'web' } } },
    ],
  };

  it('lets the kubelet reach the ports that it probes, by number or by the name of their own container', () => {
    expect(script(nothing, spec)).toContain('    ip saddr $kubelet4 tcp dport { 8080, 9000, 9001, 9002 } accept\n');
    expect(script(nothing, spec)).toContain('    ip6 saddr $kubelet6 tcp dport { 8080, 9000, 9001, 9002 } accept\n');
  });

  it('holds nothing that Kubernetes would replace before the shell sees it', () => {
    // https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/: $(NAME), and $$ for $.
    expect(script(nothing, spec)).not.toMatch(/\$\$|\$\([A-Za-z_.-][A-Za-z0-9_.-]*\)/);
  });
});

/** A network of its own, and processes of its own: with the first of them all others end. */
const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Needs root, for network namespaces, and nft; where they are not, the rules are only compared as text. */
const able =
  process.getuid?.() === 0 &&
  ['nft', 'ip', 'setpriv', 'unshare'].every((program) => spawnSync('which', [program]).status === 0) &&
  spawnSync('unshare', [...namespaces, 'nft', 'list', 'ruleset']).status === 0;

describe.skipIf(!able)('in a real pod network', () => {
  const capture: TransparentCapture = {
    kind: 'transparent',
    excludeInboundPorts: [7001],
    excludeOutboundPorts: [7002],
    excludeOutboundAddresses: ['10.9.10.0/24', '10.9.10.128/25', 'fd99:10::/64'],
  };
  const probed = { containers: [{ name: 'app', readinessProbe: { tcpSocket: { port: 8080 } } }] };

  /** Who answers each connection, with the rules set by the container's own script, twice, with NET_ADMIN alone. */
  const answers = (() => {
    let found: { readonly [connection: string]: string } | undefined;
    return () => {
      if (!found) {
        const run = spawnSync('unshare', [...namespaces, 'bash', join(__dirname, 'capture-network.sh')], {
          encoding: 'utf8',
          timeout: 30_000,
          killSignal: 'SIGKILL',
          env: {
            ...process.env,
            NODE: process.execPath,
            CAPTURE: script(capture, probed),
            PROXY_USER: String(proxyUser),
          },
        });
        expect(run.stderr).toBe('');
        found = Object.fromEntries(
          run.stdout
            .trim()
            .split('\n')
            .map((line) => line.split(' => ') as [string, string]),
        );
      }
      return found;
    };
  })();

  it('leads what the application sends to the sidecar, and leaves the sidecar and what is excluded alone', () => {
    expect(answers()).toMatchObject({
      'application to 10.9.9.1:80': 'outbound capture',
      'application to fd99::1:80': 'outbound capture',
      'proxy to 10.9.9.1:80': 'outside 80',
      'proxy to fd99::1:80': 'outside 80',
      'application to 10.9.9.1:53': 'outside 53',
      'application to 10.9.9.1:7002': 'outside 7002',
      'application to 10.9.10.1:80': 'outside 80',
      'application to fd99:10::1:80': 'outside 80',
      'application to 127.0.0.1:8080': 'application 8080',
      'application to 10.9.9.2:8080': 'application 8080',
      'application by UDP to 10.9.9.1:53': 'outside 53',
    });
  });

  it('leads what comes in to the sidecar, and leaves probes of the kubelet and what is excluded alone', () => {
    expect(answers()).toMatchObject({
      'neighbour to 10.9.9.2:8080': 'inbound capture',
      'neighbour to fd99::2:8080': 'inbound capture',
      'neighbour to 10.9.9.2:7001': 'application 7001',
      'neighbour to 10.9.9.2:15100': 'inbound port',
      'gateway to 10.9.9.2:8080': 'application 8080',
      'gateway to fd99::2:8080': 'application 8080',
      'node to 10.9.9.2:8080': 'application 8080',
      'gateway to 10.9.9.2:9090': 'inbound capture',
    });
  });
});

function script(capture: TransparentCapture, spec: Parameters<typeof captureContainer>[1]): string {
  return String(captureContainer(capture, spec).args);
}
