import {
  type CallOptions,
  type Client,
  type ClientReadableStream,
  credentials,
  type Metadata,
  makeClientConstructor,
  type requestCallback,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface Rating {
  readonly product: string;
  readonly stars: number;
  readonly count: number;
}

export interface RatingsClient extends Client {
  getRating(
    request: { product: string },
    metadata: Metadata,
    options: CallOptions,
    done: requestCallback<Rating>,
  ): void;
  addRating(
    request: { product: string; stars: number },
    metadata: Metadata,
    options: CallOptions,
    done: requestCallback<Rating>,
  ): void;
  watchRatings(request: { product: string }, metadata: Metadata): ClientReadableStream<Rating>;
}

export interface HealthClient extends Client {
  check(request: { service: string }, done: requestCallback<{ readonly status: string }>): void;
}

const definitions = loadSync(['ratings.proto', 'health.proto'], {
  includeDirs: [__dirname],
  defaults: true,
  enums: String,
});

export const ratingsService = definitions['shop.ratings.v1.Ratings'] as ServiceDefinition;
export const healthService = definitions['grpc.health.v1.Health'] as ServiceDefinition;

export const ratingsClient = (address: string) => clientOf(ratingsService, address) as unknown as RatingsClient;
export const healthClient = (address: string) => clientOf(healthService, address) as unknown as HealthClient;

function clientOf(service: ServiceDefinition, address: string): Client {
  const Constructor = makeClientConstructor(service, 'client');
  // Names of the mesh lead nowhere from a company's proxy, which grpc-js would take from the environment.
  return new Constructor(address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
}
