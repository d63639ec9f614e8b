import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { Instance } from './instance';
import { healthService, type Rating, ratingsService } from './ratings-api';

type Request = { readonly product: string };
type AnyCall = ServerUnaryCall<Request, Rating> | ServerWritableStream<Request, Rating>;

const self = new Instance('ratings');
const server = new Server();

/** How often each number of stars, one to five, was given. */
const given = new Map<string, number[]>([
  ['desk-lamp', [0, 1, 2, 9, 20]],
  ['enamel-mug', [1, 0, 3, 14, 31]],
  ['notebook', [2, 3, 9, 8, 6]],
  ['oak-stool', [0, 0, 1, 2, 9]],
  ['wool-blanket', [1, 1, 4, 11, 17]],
]);
const changes = new EventEmitter().setMaxListeners(0);
const watches = new Set<ServerWritableStream<Request, Rating>>();

server.addService(ratingsService, {
  getRating: unary<Request>(({ product }) => {
    if (!given.has(product)) throw refusal(status.NOT_FOUND, `nobody has rated "${product}"`);
    return ratingOf(product);
  }),
  addRating: unary<Request & { readonly stars: number }>(({ product, stars }) => {
    if (product === '') throw refusal(status.INVALID_ARGUMENT, 'product is empty');
    if (stars < 1 || stars > 5) throw refusal(status.INVALID_ARGUMENT, `stars are ${stars}; allowed are 1 to 5`);
    given.set(
      product,
      (given.get(product) ?? [0, 0, 0, 0, 0]).map((count, i) => (i === stars - 1 ? count + 1 : count)),
    );
    changes.emit('change', product);
    return ratingOf(product);
  }),
  watchRatings,
});
server.addService(healthService, {
  check: ({ request }: ServerUnaryCall<{ service: string }, object>, done: sendUnaryData<object>) => {
    const known = ['', 'shop.ratings.v1.Ratings', 'grpc.health.v1.Health'].includes(request.service);
    if (!known) return done(refusal(status.NOT_FOUND, `there is no service "${request.service}"`));
    done(null, { status: 'SERVING' });
  },
});

function unary<Asked extends Request>(answer: (request: Asked) => Rating) {
  return (call: ServerUnaryCall<Asked, Rating>, done: sendUnaryData<Rating>) => {
    const finish = begin(call);
    try {
      done(null, answer(call.request));
      finish(status.OK);
    } catch (error) {
      done(error as ServiceError);
      finish((error as ServiceError).code);
    }
  };
}

function watchRatings(call: ServerWritableStream<Request, Rating>): void {
  const finish = begin(call);
  const { product } = call.request;
  // A slow reader skips what it has no room for, and then gets the latest.
  let behind = false;
  const tell = () => {
    behind = call.writableNeedDrain;
    if (!behind) call.write(ratingOf(product));
  };
  const changed = (which: string) => {
    if (which === product) tell();
  };
  call.on('drain', () => {
    if (behind) tell();
  });
  changes.on('change', changed);
  watches.add(call);
  call.once('close', () => {
    changes.off('change', changed);
    watches.delete(call);
    finish(call.cancelled ? status.CANCELLED : status.UNAVAILABLE);
  });
  tell();
}

/** Says who answers, and logs one line at the end. */
function begin(call: AnyCall): (code: status) => void {
  const began = performance.now();
  const [id = randomUUID()] = call.metadata.get('x-request-id');
  const [traceparent] = call.metadata.get('traceparent');
  self.served++;
  const metadata = new Metadata();
  metadata.set('x-request-id', id);
  metadata.set('x-served-by', self.name);
  metadata.set('x-served-count', String(self.served));
  call.sendMetadata(metadata);
  return (code) =>
    self.log('request', {
      'x-request-id': id,
      ...(traceparent && { traceparent }),
      method: call.getPath(),
      product: call.request.product,
      status: status[code],
      ms: Math.round(performance.now() - began),
    });
}

function ratingOf(product: string): Rating {
  const counts = given.get(product) ?? [];
  const count = counts.reduce((sum, each) => sum + each, 0);
  const total = counts.reduce((sum, each, index) => sum + each * (index + 1), 0);
  return { product, stars: count === 0 ? 0 : total / count, count };
}

function refusal(code: status, details: string): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}

void self.run({
  port: 9000,
  listen: (port, address) =>
    new Promise((resolve, reject) => {
      const target = `${address.includes(':') ? `[${address}]` : address}:${port}`;
      server.bindAsync(target, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    }),
  stop: () => {
    // A watch never ends by itself.
    for (const call of watches)
      call.emit('error', refusal(status.UNAVAILABLE, `${self.name} is stopping; watch again`));
    return new Promise((done) => server.tryShutdown(done));
  },
  cut: () => server.forceShutdown(),
});
