import { names } from '../../model';
import { captureRules, kubeletVariables, type TransparentCapture } from './nftables';
import type { Container, PodSpec } from './pod-template';

/** An image with `sh`, `sed`, `nft` and nothing else: stock Envoy's has no nft, and nothing of ours runs in it. */
export const captureImage = 'ghcr.io/meshwright/capture:0.1.0';

/**
 * The init container of transparent capture. It alone holds NET_ADMIN, is gone before any other container of the pod
 * starts, and where the rules cannot be set the pod does not start: it never runs past its sidecar by accident.
 */
export function captureContainer(capture: TransparentCapture, spec: PodSpec): Container {
  return {
    name: names.objects.captureInit,
    image: captureImage,
    command: ['/bin/sh', '-euc'],
    args: [captureScript(captureRules(capture, probePorts(spec)))],
    // All of them: `status.hostIP` has only one family.
    env: [{ name: 'HOST_IPS', valueFrom: { fieldRef: { fieldPath: 'status.hostIPs' } } }],
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    securityContext: {
      // Capabilities of a container reach only root (Kubernetes has no ambient ones); all but one are taken from it.
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

/**
 * Sets the rules with the addresses that the kubelet of this node probes from. Where the network plugin routes to pods that
 * is an address of the node (Calico, the cloud providers' own); where it bridges or has a router of its own it is the
 * pod's gateway (bridge, kindnet, Flannel, Cilium). `0.0.0.0` and `::` keep the lists from being empty and match nothing.
 *
 * `$(` is written with a command and a space behind it: Kubernetes replaces `$(NAME)` in arguments, and leaves this alone.
 */
function captureScript(rules: string): string {
  return [
    `${kubeletVariables.ipv4}='0.0.0.0'`,
    `${kubeletVariables.ipv6}='::'`,
    'add() {',
    '  case "$1" in',
    `    *:*) ${kubeletVariables.ipv6}="$${kubeletVariables.ipv6}, $1" ;;`,
    `    *.*) ${kubeletVariables.ipv4}="$${kubeletVariables.ipv4}, $1" ;;`,
    '  esac',
    '}',
    'for address in $(echo "$HOST_IPS" | sed "s/,/ /g"); do add "$address"; done',
    // /proc/net/route: interface, destination and gateway, in hexadecimal with the lowest byte first.
    'for address in $(sed -n "s/^[^[:space:]]*[[:space:]]00000000[[:space:]]\\(..\\)\\(..\\)\\(..\\)\\(..\\)[[:space:]].*/0x\\4:0x\\3:0x\\2:0x\\1/p" /proc/net/route); do',
    '  add "$(printf "%d.%d.%d.%d" $(echo "$address" | sed "s/:/ /g"))"',
    'done',
    // /proc/net/ipv6_route: destination, its length, source, its length and next hop; absent where there is no IPv6.
    'if [ -r /proc/net/ipv6_route ]; then',
    '  for address in $(sed -n "s/^0\\{32\\} 00 0\\{32\\} 00 \\(....\\)\\(....\\)\\(....\\)\\(....\\)\\(....\\)\\(....\\)\\(....\\)\\(....\\) .*/\\1:\\2:\\3:\\4:\\5:\\6:\\7:\\8/p" /proc/net/ipv6_route); do',
    '    add "$address"',
    '  done',
    'fi',
    `nft --define "${kubeletVariables.ipv4}={ $${kubeletVariables.ipv4} }" --define "${kubeletVariables.ipv6}={ $${kubeletVariables.ipv6} }" --file - <<'RULES'`,
    `${rules}RULES`,
    '',
  ].join('\n');
}

/** Ports of the containers that the kubelet connects to, by number or by the name they have in their container. */
function probePorts(spec: PodSpec): readonly number[] {
  return [...(spec.initContainers ?? []), ...spec.containers].flatMap((container) => {
    const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container as ProbedContainer;
    const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
    return handlers.flatMap((handler) => {
      const port = handler?.httpGet?.port ?? handler?.tcpSocket?.port ?? handler?.grpc?.port;
      if (typeof port !== 'string') return port ?? [];
      return container.ports?.find(({ name }) => name === port)?.containerPort ?? [];
    });
  });
}

interface ProbedContainer {
  readonly livenessProbe?: ProbeHandler;
  readonly readinessProbe?: ProbeHandler;
  readonly startupProbe?: ProbeHandler;
  readonly lifecycle?: { readonly postStart?: ProbeHandler; readonly preStop?: ProbeHandler };
}

interface ProbeHandler {
  readonly httpGet?: { readonly port: number | string };
  readonly tcpSocket?: { readonly port: number | string };
  readonly grpc?: { readonly port: number };
}
