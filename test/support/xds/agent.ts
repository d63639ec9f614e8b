import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface AgentOptions {
  /** Where the control plane serves, under the name `localhost`. */
  readonly port: number;
  /** Certificates of its root, PEM. */
  readonly trust: string;
  readonly token: string;
  /** PEM. */
  readonly certificateChain: string;
  readonly privateKey: string;
}

/**
 * What stands beside a gRPC application in Node.js: its library of xDS shows no token and knows no roots, so this adds both on the
 * way to the control plane, and keeps certificates in files. Libraries of other languages do that themselves (`tls` among
 * `channel_creds` and `jwt_token_file` among `call_creds` of the bootstrap).
 */
export class Agent {
  /** The bootstrap of the application, as JSON. https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md */
  readonly bootstrap: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'meshwright-agent-'));
  private readonly server = createServer();
  private readonly session;

  private constructor(private readonly options: AgentOptions) {
    const path = (file: string) => join(this.folder, file);
    const { certificateChain, privateKey, trust, port } = options;
    for (const [file, text] of Object.entries({
      'tls.crt': certificateChain,
      'tls.key': privateKey,
      'ca.crt': trust,
    })) {
      writeFileSync(path(file), text, { mode: 0o600 });
    }
    this.session = connect(`https://localhost:${port}`, { ca: trust });
    this.session.on('error', () => {});
    this.server.on('stream', (stream, headers) => this.forward(stream, headers));
    const files = {
      certificate_file: path('tls.crt'),
      private_key_file: path('tls.key'),
      ca_certificate_file: path('ca.crt'),
      refresh_interval: '600s',
    };
    this.bootstrap = JSON.stringify({
      xds_servers: [
        {
          server_uri: `unix:${path('xds.sock')}`,
          channel_creds: [{ type: 'insecure' }],
          server_features: ['xds_v3'],
        },
      ],
      node: { id: 'grpc', locality: {} },
      certificate_providers: { default: { plugin_name: 'file_watcher', config: files } },
    });
  }

  static async start(options: AgentOptions): Promise<Agent> {
    const agent = new Agent(options);
    agent.server.listen(join(agent.folder, 'xds.sock'));
    await Promise.all([once(agent.server, 'listening'), once(agent.session, 'connect')]);
    return agent;
  }

  stop(): void {
    this.session.destroy();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private forward(near: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { port, token } = this.options;
    const far = this.session.request({
      ...headers,
      ':scheme': 'https',
      ':authority': `localhost:${port}`,
      authorization: `Bearer ${token}`,
    });
    let trailers: IncomingHttpHeaders = {};
    far.on('response', (response) => near.respond(response, { waitForTrailers: true }));
    far.on('trailers', (last) => {
      trailers = last;
    });
    near.on('wantTrailers', () => near.sendTrailers(trailers));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  }
}
