import type { GrpcMatch, HttpMatch, HttpMethod, PathMatch, RequestMatch, ValueMatch } from '../../../model';
import {
  choice,
  fields,
  type Json,
  list,
  listed,
  type ObjectShape,
  oneOf,
  optional,
  type Reader,
  type Shape,
  shown,
  text,
  token,
  variant,
} from '../shape';

/** Matches stand in our own kinds as they do in Gateway API's routes, and are read alike in both. */

const pathKinds = { exact: 'Exact', prefix: 'PathPrefix', regex: 'RegularExpression' } as const;
const valueKinds = { exact: 'Exact', regex: 'RegularExpression' } as const;

export const pathMatch: Shape<PathMatch> = {
  schema: {
    type: 'object',
    properties: {
      type: {
        type: 'string',
        enum: Object.values(pathKinds),
        description:
          'How it is compared: Exact, PathPrefix (by whole segments) or RegularExpression (RE2, over the whole path). Absent: PathPrefix.',
      },
      value: { type: 'string', minLength: 1, maxLength: 1024, description: 'What it is compared with. Absent: /.' },
    },
    'x-kubernetes-validations': [
      {
        rule: "has(self.type) && self.type == 'RegularExpression' || !has(self.value) || self.value.startsWith('/')",
        message: 'value must begin with / when type is Exact or PathPrefix',
      },
    ],
  },
  encode: (match) => ({
    type: pathKinds[match.kind],
    value: match.kind === 'regex' ? match.pattern : match.path,
  }),
  decode: (json, reader) => {
    const given = reader.fields(json);
    reader.only(given, ['type', 'value']);
    const kind = kindOf(pathKinds, given.type ?? 'PathPrefix', reader);
    const value = given.value === undefined ? '/' : reader.at('value').text(given.value);
    return kind === 'regex' ? { kind, pattern: value } : { kind, path: value };
  },
};

const valueMatch: Shape<ValueMatch> = {
  schema: {
    type: 'object',
    required: ['name', 'value'],
    properties: {
      type: {
        type: 'string',
        enum: Object.values(valueKinds),
        description:
          'How the value is compared: Exact or RegularExpression (RE2, over the whole value). Absent: Exact.',
      },
      name: { ...token.schema, description: 'Its name; of a header without regard to case.' },
      value: { type: 'string', minLength: 1, maxLength: 4096, description: 'What its value is compared with.' },
    },
  },
  encode: (match) => ({
    type: valueKinds[match.kind],
    name: match.name,
    value: match.kind === 'regex' ? match.pattern : match.value,
  }),
  decode: (json, reader) => {
    const given = reader.fields(json);
    reader.only(given, ['type', 'name', 'value']);
    const kind = kindOf(valueKinds, given.type ?? 'Exact', reader);
    const name = reader.at('name').text(given.name);
    const value = reader.at('value').text(given.value);
    return kind === 'regex' ? { kind, name, pattern: value } : { kind, name, value };
  },
};

const method = choice<HttpMethod>({
  GET: 'GET',
  HEAD: 'HEAD',
  POST: 'POST',
  PUT: 'PUT',
  DELETE: 'DELETE',
  CONNECT: 'CONNECT',
  OPTIONS: 'OPTIONS',
  TRACE: 'TRACE',
  PATCH: 'PATCH',
});

export const httpMatch: ObjectShape<HttpMatch> = fields<HttpMatch>({
  path: optional(pathMatch, 'Absent: any path.'),
  method: optional(method, 'Absent: any method.'),
  headers: listed(list(valueMatch, { maxItems: 16 }), 'Headers, all of which must match.'),
  query: listed(list(valueMatch, { maxItems: 16 }), 'Query parameters, all of which must match.', 'queryParams'),
});

const grpcName = text({ maxLength: 1024, pattern: '^[A-Za-z_.][A-Za-z_0-9.]*$' });

/** `method` holds both names in Gateway API: `{ service: shop.Ratings, method: Get }`. */
export const grpcMatch: Shape<GrpcMatch> = {
  schema: {
    type: 'object',
    properties: {
      method: {
        type: 'object',
        description: 'The call, by its service, its method or both. Absent: any.',
        properties: {
          type: { type: 'string', enum: ['Exact'], description: 'How they are compared: Exact.' },
          service: {
            ...grpcName.schema,
            description: 'Service with its package: shop.ratings.v1.Ratings. Absent: any.',
          },
          method: { ...grpcName.schema, description: 'Method: GetRating. Absent: any.' },
        },
      },
      headers: {
        ...list(valueMatch, { maxItems: 16 }).schema,
        description: 'Metadata of the call, all of which must match.',
      },
    },
  },
  encode: (match, place) => ({
    ...(match.service === undefined && match.method === undefined
      ? {}
      : {
          method: {
            type: 'Exact',
            ...(match.service === undefined ? {} : { service: match.service }),
            ...(match.method === undefined ? {} : { method: match.method }),
          },
        }),
    ...(match.headers.length === 0 ? {} : { headers: match.headers.map((each) => valueMatch.encode(each, place)) }),
  }),
  decode: (json, reader) => {
    const given = reader.fields(json);
    reader.only(given, ['method', 'headers']);
    const at = reader.at('method');
    const call = at.fields(given.method);
    at.only(call, ['type', 'service', 'method']);
    if (call.type !== undefined && call.type !== 'Exact') {
      at.at('type').fail(`${shown(call.type)} is not supported; services and methods are compared exactly`);
    }
    return {
      ...(call.service === undefined ? {} : { service: at.at('service').text(call.service) }),
      ...(call.method === undefined ? {} : { method: at.at('method').text(call.method) }),
      headers: list(valueMatch, { maxItems: 16 }).decode(given.headers ?? [], reader.at('headers')),
    };
  },
};

export const requestMatch: Shape<RequestMatch> = oneOf<RequestMatch>({
  http: variant(httpMatch, 'An HTTP request; every part that is given must match.'),
  grpc: variant(grpcMatch, 'A gRPC call; every part that is given must match.'),
});

function kindOf<K extends string>(kinds: { readonly [kind in K]: string }, given: Json, reader: Reader): K {
  const found = (Object.keys(kinds) as K[]).find((kind) => kinds[kind] === given);
  return found ?? reader.at('type').fail(`must be one of ${Object.values(kinds).join(', ')}, got ${shown(given)}`);
}
