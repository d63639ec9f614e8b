import { names } from '../../model';
import { any } from '../any';
import type { HttpConnectionManager } from '../types';
import { policyNames } from './http-rbac';

type LocalReply = NonNullable<HttpConnectionManager['localReplyConfig']>;

/** Who is called, in the words of an answer. */
export interface Denied {
  /** `catalog.storefront`. */
  readonly callee: string;
  /** Name of what the caller would have to declare a call of: `catalog`. */
  readonly name: string;
  /** A rule asks for claims of a token. */
  readonly claims: boolean;
}

/**
 * What a caller learns who may not do what it does: who it is, to whom it speaks, and what is missing. A caller of gRPC learns the
 * same as the message of its status. Only refusals of access control are worded; other answers of the proxy stay Envoy's.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/local_reply
 */
export function denialReplies({ callee, name, claims }: Denied): LocalReply {
  const declare = `no edge allows it${claims ? ', or its token lacks a claim' : ''}; declare it: `;
  const missing = `(${matched(policyNames.only)} ? "its edge is not for " + ${request} + "; widen it: " : "${declare}")`;
  const why = `${matched(policyNames.deny)} ? "a rule denies " + ${request} + " to it" : ${missing} + ${callerName} + ".calls(${name})"`;
  return {
    mappers: [
      {
        filter: {
          extensionFilter: {
            name: 'cel',
            typedConfig: any(celFilter, { expression: `${details}.startsWith("rbac_access_denied")` }),
          },
        },
        headersToAdd: [{ header: { key: names.headers.decision, value: '%RESPONSE_CODE_DETAILS%' } }],
        bodyFormatOverride: {
          textFormatSource: { inlineString: `%DOWNSTREAM_PEER_URI_SAN% may not call ${callee}: %CEL(${why})%\n` },
          contentType: 'text/plain; charset=UTF-8',
          formatters: [
            {
              name: 'cel',
              typedConfig: any('envoy.extensions.formatter.cel.v3.Cel', { celConfig: { enableStringConcat: true } }),
            },
          ],
        },
      },
    ],
  };
}

const celFilter = 'envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter';

/** Which policy has refused: `rbac_access_denied_matched_policy[deny-0]`. */
const details = 'response.code_details';

function matched(policy: string): string {
  return `${details}.contains("[${policy}")`;
}

const request = 'request.method + " " + request.url_path';

/** The caller's own name in the program that declares it: the name of its service account, the end of its SPIFFE ID. */
const callerName = 're.extract(connection.uri_san_peer_certificate, "/sa/(.*)", "\\\\1")';
