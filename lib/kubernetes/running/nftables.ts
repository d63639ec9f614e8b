import { type Capture, names, order } from '../../model';
import { proxyUser } from './proxy-container';

export type TransparentCapture = Extract<Capture, { kind: 'transparent' }>;

/** Variables of the ruleset that are known only in the pod: addresses that its kubelet's probes come from. */
export const kubeletVariables = { ipv4: 'kubelet4', ipv6: 'kubelet6' } as const;

/**
 * The nftables rules that lead connections of a pod to its sidecar, IPv4 and IPv6 alike. UDP, and so DNS, is not touched.
 * They replace what an earlier run in the same pod has left, in one transaction: a pod never has half of them.
 *
 * @param probePorts application ports that the kubelet probes: from it, and only it, they are reached as they are
 */
export function captureRules(capture: TransparentCapture, probePorts: readonly number[]): string {
  const { first, last } = names.ports.reserved;
  const [ipv4, ipv6] = families(capture.excludeOutboundAddresses);
  const unlessEmpty = (list: readonly (string | number)[], rule: (set: string) => string) =>
    list.length === 0 ? [] : [rule(`{ ${list.join(', ')} }`)];
  const probes = (family: 'ip' | 'ip6', variable: string) =>
    unlessEmpty(ascending(probePorts), (set) => `${family} saddr $${variable} tcp dport ${set} accept`);
  return [
    // The first two lines make `delete` succeed where there is no table yet; `destroy` needs a newer kernel.
    'table inet meshwright',
    'delete table inet meshwright',
    'table inet meshwright {',
    '  chain outbound {',
    // As a number: nft before 1.0.7 does not know the name `dstnat` in this hook.
    '    type nat hook output priority -100; policy accept;',
    '    meta l4proto != tcp accept',
    `    meta skuid ${proxyUser} accept`,
    '    oif lo accept',
    '    tcp dport 53 accept',
    ...indented(unlessEmpty(ascending(capture.excludeOutboundPorts), (set) => `tcp dport ${set} accept`)),
    ...indented(ipv4.map((range) => `ip daddr ${range} accept`)),
    ...indented(ipv6.map((range) => `ip6 daddr ${range} accept`)),
    `    meta l4proto tcp redirect to :${names.ports.outboundCapture}`,
    '  }',
    '  chain inbound {',
    '    type nat hook prerouting priority -100; policy accept;',
    '    meta l4proto != tcp accept',
    '    iif lo accept',
    `    tcp dport ${first}-${last} accept`,
    ...indented(unlessEmpty(ascending(capture.excludeInboundPorts), (set) => `tcp dport ${set} accept`)),
    ...indented(probes('ip', kubeletVariables.ipv4)),
    ...indented(probes('ip6', kubeletVariables.ipv6)),
    `    meta l4proto tcp redirect to :${names.ports.inboundCapture}`,
    '  }',
    '}',
    '',
  ].join('\n');
}

function families(ranges: readonly string[]): readonly [ipv4: readonly string[], ipv6: readonly string[]] {
  for (const range of ranges) {
    // The text becomes part of a program that runs with NET_ADMIN, so nothing but an address may get there.
    if (!/^[0-9a-fA-F:.]+(\/[0-9]{1,3})?$/.test(range)) {
      throw new Error(
        `excludeOutboundAddresses holds ${JSON.stringify(range)}; write a range such as 10.0.0.0/8 or fd00::/8`,
      );
    }
  }
  const unique = [...new Set(ranges)].sort(order);
  return [unique.filter((range) => !range.includes(':')), unique.filter((range) => range.includes(':'))];
}

function ascending(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)].sort((a, b) => a - b);
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `    ${line}`);
}
