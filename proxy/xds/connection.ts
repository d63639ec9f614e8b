import { constants, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Timer } from '../clock';
import { AdsStream, type Surroundings } from './ads-stream';
import type { Protocol } from './client';
import { Call } from './grpc/call';
import { healthCheckPath, readHealthCheckRequest, serving } from './grpc/health';
import { GrpcError, status } from './grpc/status';

/** One connection: looks whether the other side is still there, and asks it to come back when its time is over. */
export class Connection {
  private readonly streams = new Set<AdsStream>();
  private readonly timers = new Map<string, Timer>();
  private unproven = 0;
  private isClosing = false;
  private isRefused = false;

  constructor(
    private readonly session: ServerHttp2Session,
    private readonly peer: string,
    private readonly around: Surroundings & { readonly random: () => number },
    private readonly onAuthenticated: () => void,
  ) {
    const { connectionAge, keepalive } = around.limits;
    session.on('stream', (stream, headers) => this.receive(stream, headers));
    session.on('error', (error) => this.refuse('its HTTP/2 is not right', error.message));
    session.on('close', () => this.forgetTimers());
    this.after('age', connectionAge * (0.8 + 0.4 * around.random()), () => this.close());
    this.after('ping', keepalive.interval, () => this.ping());
    this.awaitStream();
  }

  /** Asks the client to come back on another connection, and ends this one when its streams have ended. */
  close(): void {
    if (this.isClosing || this.session.destroyed) return;
    this.isClosing = true;
    this.session.goaway(constants.NGHTTP2_NO_ERROR);
    for (const stream of this.streams) stream.end();
    this.session.close();
    this.after('grace', this.around.limits.grace, () => this.session.destroy());
  }

  destroy(): void {
    this.session.destroy();
  }

  private receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const call = new Call(stream, headers, this.around.limits.requestBytes);
    if (!call.isGrpc()) {
      this.complain(call, 'a request is not gRPC');
      return;
    }
    const protocol = protocols.get(call.path);
    if (protocol) this.serve(call, protocol);
    else if (call.path === healthCheckPath) this.checkHealth(call);
    else {
      this.complain(call, 'a call is of an unknown method');
      call.end(status.UNIMPLEMENTED, `there is no method ${call.path.slice(0, 200)}`);
    }
  }

  private serve(call: Call, protocol: Protocol): void {
    const stream = new AdsStream(call, protocol, this.peer, this.around);
    this.streams.add(stream);
    let isProven = false;
    const ended = stream.run(() => {
      isProven = true;
      this.unproven = 0;
      this.timers.get('idle')?.cancel();
      this.onAuthenticated();
    });
    ended.finally(() => {
      this.streams.delete(stream);
      if (this.streams.size === 0) this.awaitStream();
      if (!isProven && ++this.unproven >= mostUnproven) this.refuse('its streams do not prove themselves');
    });
  }

  private async checkHealth(call: Call): Promise<void> {
    try {
      for await (const message of call.messages()) {
        const { service } = readHealthCheckRequest(message);
        if (service !== '' && service !== adsService) throw new GrpcError(status.NOT_FOUND, 'unknown service');
        call.write([serving]);
        call.end(status.OK);
        return;
      }
    } catch (error) {
      if (error instanceof GrpcError) call.end(error.status, error.message);
      else call.end(status.INVALID_ARGUMENT, 'the message is not a request');
    }
  }

  private awaitStream(): void {
    const { idle } = this.around.limits;
    if (this.session.destroyed || this.isClosing) return;
    this.after('idle', idle, () => {
      if (this.streams.size === 0) this.close();
      else this.refuse(`no stream has proven itself in ${idle} ms`);
    });
  }

  private ping(): void {
    const { interval, timeout } = this.around.limits.keepalive;
    this.after('pong', timeout, () => this.refuse('the other side does not answer'));
    const isSent = this.session.ping((error) => {
      if (error) return;
      this.timers.get('pong')?.cancel();
      this.after('ping', interval, () => this.ping());
    });
    if (!isSent) this.refuse('the other side does not answer');
  }

  private complain(call: Call, message: string): void {
    this.around.complaints.warn(message, { peer: this.peer, path: call.path.slice(0, 200) });
    this.around.counters.refuseStream('UNIMPLEMENTED');
  }

  private refuse(reason: string, details?: string): void {
    if (this.isRefused) return;
    this.isRefused = true;
    this.around.complaints.warn('a connection is closed', {
      peer: this.peer,
      reason,
      ...(details === undefined ? {} : { details }),
    });
    this.around.counters.refuseConnection(reason);
    this.session.destroy();
  }

  private after(name: string, delay: number, run: () => void): void {
    this.timers.get(name)?.cancel();
    this.timers.set(
      name,
      this.around.clock.schedule(delay, () => {
        if (!this.session.destroyed) run();
      }),
    );
  }

  private forgetTimers(): void {
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
  }
}

/** Streams that show no good token, after which the whole connection is closed. */
const mostUnproven = 20;

const adsService = 'envoy.service.discovery.v3.AggregatedDiscoveryService';

const protocols: ReadonlyMap<string, Protocol> = new Map([
  [`/${adsService}/DeltaAggregatedResources`, 'delta'],
  [`/${adsService}/StreamAggregatedResources`, 'stateOfTheWorld'],
]);
