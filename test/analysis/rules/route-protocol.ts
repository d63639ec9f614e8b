import { backend, grpcRoute, grpcRule, httpRoute, httpRule, tcpRoute, tlsRoute } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, ratings, reviews, shop } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      routes: [
        grpcRoute(ratings, [grpcRule()]),
        tcpRoute(database, [backend(database)]),
        httpRoute(reviews, [httpRule({ action: { kind: 'forward', backends: [backend(ratings)] } })]),
      ],
    }),
  },
  invalid: [
    {
      name: 'HTTP on TCP',
      model: shop({ routes: [httpRoute(database, [httpRule()])] }),
      findings: [
        {
          at: 'Route shop/database',
          message:
            'an HTTP route is attached to port 5432 of shop/database, which speaks tcp; it fits http, http2, grpc',
          fix: 'attach it to a port of http, http2, grpc, or write a route for tcp',
        },
      ],
    },
    {
      name: 'gRPC on HTTP, and TLS on gRPC',
      model: shop({ routes: [grpcRoute(reviews, [grpcRule()]), tlsRoute(ratings, [backend(ratings)])] }),
      findings: [
        {
          at: 'Route shop/ratings',
          message: 'a TLS route is attached to port 80 of shop/ratings, which speaks grpc; it fits tls',
          fix: 'attach it to a port of tls, or write a route for grpc',
        },
        {
          at: 'Route shop/ratings',
          message: 'a TLS route leads to port 80 of shop/ratings, which speaks grpc; it may lead to tls, tcp',
          fix: 'lead it to a port of tls, tcp',
        },
        {
          at: 'Route shop/reviews',
          message: 'a gRPC route is attached to port 80 of shop/reviews, which speaks http; it fits grpc',
          fix: 'attach it to a port of grpc, or write a route for http',
        },
      ],
    },
    {
      name: 'a backend',
      model: shop({
        routes: [httpRoute(reviews, [httpRule({ action: { kind: 'forward', backends: [backend(database)] } })])],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'an HTTP route leads to port 5432 of shop/database, which speaks tcp; it may lead to http, http2, grpc',
          fix: 'lead it to a port of http, http2, grpc',
        },
      ],
    },
  ],
};
