import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { authority, upstream } from './client';
import { type Rating, ratingsClient } from './ratings-api';
import texts from './reviews.json';
import { type Context, serve } from './server';

export interface Reviews {
  readonly version: string;
  readonly reviews: readonly { readonly author: string; readonly text: string }[];
  /** From v2 on: the product's rating, null when it has none, or why it cannot be told. */
  readonly rating?: Rating | null | { readonly unavailable: string };
}

const version = process.env.VERSION ?? 'v1';
if (version !== 'v1' && version !== 'v2') {
  console.error(`reviews cannot start: VERSION is "${version}"; allowed are v1 (no stars) and v2 (stars)`);
  process.exit(1);
}

const ratings = version === 'v2' ? ratingsClient(authority(upstream('ratings', 9000))) : undefined;
const timeoutMs = 2000;

serve('reviews', {
  port: 8080,
  routes: {
    'GET /reviews/:product': async ({ params: { product = '' }, context }) => {
      const reviews = Object.entries(texts).find(([id]) => id === product)?.[1] ?? [];
      const rating = await ratingOf(product, context);
      return { json: { version, reviews, ...(rating !== undefined && { rating }) } satisfies Reviews };
    },
  },
});

/** Reviews are worth showing without stars. */
function ratingOf(product: string, context: Context): Promise<Reviews['rating']> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(context)) metadata.set(name, value);
  return new Promise((resolve) => {
    if (!ratings) return resolve(undefined);
    ratings.getRating({ product }, metadata, { deadline: Date.now() + timeoutMs }, (error, rating) =>
      resolve(error ? missing(error) : rating),
    );
  });
}

function missing({ code, details }: ServiceError): Reviews['rating'] {
  return code === status.NOT_FOUND ? null : { unavailable: `ratings: ${status[code]}: ${details}` };
}
