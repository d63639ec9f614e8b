import { names } from '../../model';
import type { HttpConnectionManager } from '../types';

type Mapper = NonNullable<NonNullable<HttpConnectionManager['localReplyConfig']>['mappers']>[number];

/**
 * What the proxy of a callee answers for an application that cannot be reached or breaks off. To the caller's proxy it is a 503 like any
 * other, though what the application has not seen could be tried again whatever it is: so the answer says what has happened.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/response_code_details
 */
export const failureReply: Mapper = {
  // No connection; the connection was ended; the stream was reset.
  filter: { responseFlagFilter: { flags: ['UF', 'UC', 'UR'] } },
  headersToAdd: [{ header: { key: names.headers.failure, value: '%RESPONSE_CODE_DETAILS%' } }],
};

/** Words of {@link failureReply} by which it is told what has happened. */
export const failureWords = {
  /** There was no connection, so nothing was sent. */
  unconnected: 'connection_failure|connection_timeout',
  /** The application says that it has not begun (RFC 9113, 8.7). */
  refused: 'refused_stream',
} as const;
