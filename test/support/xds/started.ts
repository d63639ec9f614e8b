import type { Clock } from '../../../proxy/clock';
import { Refusal } from '../../../proxy/identity/authenticator';
import { type Fields, jsonLog } from '../../../proxy/log';
import { systemClock } from '../../../proxy/system-clock';
import { type Limits, type StreamInfo, XdsServer } from '../../../proxy/xds';
import { type Authority, authority } from '../envoy/authority';
import type { Served } from './served';

export interface StartedServer {
  readonly server: XdsServer;
  readonly root: Authority;
  /** Lines of its log, as they were written. */
  readonly lines: readonly (Fields & { readonly level: string; readonly message: string })[];
  readonly close: () => Promise<void>;
}

/**
 * A server of xDS on this machine. The token of the client `a` is `token-a`, and every node of it gets what is served; `served` may
 * tell streams apart.
 */
export async function startServer(
  served: Served | ((stream: StreamInfo) => Served),
  more: {
    readonly limits?: Partial<Limits>;
    readonly clock?: Clock;
    /** @default 0 - one that is free */
    readonly port?: number;
    /** @default - a new one */
    readonly root?: Authority;
  } = {},
): Promise<StartedServer> {
  const { limits, clock = systemClock, port = 0, root = authority('root of the test') } = more;
  const lines: (Fields & { level: string; message: string })[] = [];
  const { cert, key } = root.issue('localhost');
  const server = await XdsServer.start({
    host: '127.0.0.1',
    port,
    certificate: { certificateChain: cert, privateKey: key },
    authenticate: async (token: string) => keyOf(token),
    connect: (client: string, stream: StreamInfo) => {
      if (stream.node.id === 'nobody') throw new Refusal('there is no such proxy');
      return (typeof served === 'function' ? served(stream) : served).client(client);
    },
    clock,
    log: jsonLog(
      (line) => lines.push(JSON.parse(line)),
      () => clock.now(),
      'debug',
    ),
    random: () => 0.5,
    ...(limits ? { limits } : {}),
  });
  const close = async () => {
    await server.close({ graceful: false });
    if (!more.root) root.remove();
  };
  return { server, root, lines, close };
}

function keyOf(token: string): string {
  const key = token.match(/^token-(.+)$/)?.[1];
  if (key === undefined) throw new Refusal('the token is of nobody');
  return key;
}
