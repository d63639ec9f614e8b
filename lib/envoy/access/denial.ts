import { any } from '../any';
import type { HttpConnectionManager } from '../types';
import { policyNames } from './http-rbac';

type LocalReply = NonNullable<HttpConnectionManager['localReplyConfig']>;
type Mapper = NonNullable<LocalReply['mappers']>[number];

/** Who is called, in the words of an answer. */
export interface Denied {
  /** `catalog.storefront`. */
  readonly callee: string;
  /** How the missing call is written: what follows `web.` and, in words, what else may be missing. */
  readonly declaration: string;
  /** A rule asks for claims of a token. */
  readonly claims: boolean;
}

/**
 * What a caller learns who may not do what it does: who it is, to whom it speaks, and what is missing. A caller of gRPC learns the
 * same as the message of its status. Only refusals of access control are worded; other answers of the proxy stay Envoy's.
 *
 * Which of them it was stands in the details of the response; the name of the caller is the end of its SPIFFE ID.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/local_reply
 */
export function denialReplies({ callee, declaration, claims }: Denied): LocalReply {
  const request = '%REQ(:METHOD)% %PATH(NQ)%';
  const caller = '%DOWNSTREAM_PEER_URI_SAN%';
  return {
    mappers: [
      mapper(
        `${details}.startsWith('${matched}${policyNames.deny}')`,
        'denied',
        `${caller} may not call ${callee}: a rule denies ${request} to it`,
      ),
      mapper(
        `${details}.startsWith('${matched}${policyNames.only}')`,
        'outside-edge',
        `${caller} may not call ${callee} with ${request}: its edge is only for other requests; widen it: ${declaration}`,
      ),
      mapper(
        `${details}.startsWith('rbac_access_denied')`,
        'no-edge',
        `${caller} may not call ${callee}: no edge allows it${claims ? ', or the token lacks a claim that it needs' : ''}; declare it: ${declaration}`,
      ),
    ],
  };
}

const details = 'response.code_details';
const matched = 'rbac_access_denied_matched_policy[';

/** The caller's own name in the program that declares it: the name of its service account. */
export const callerName = '%CEL(re.extract(connection.uri_san_peer_certificate, "/sa/(.*)", "\\\\1"))%';

function mapper(when: string, decision: string, text: string): Mapper {
  return {
    filter: {
      extensionFilter: {
        name: 'envoy.access_loggers.extension_filters.cel',
        typedConfig: any('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', { expression: when }),
      },
    },
    headersToAdd: [{ header: { key: 'x-meshwright-decision', value: decision } }],
    bodyFormatOverride: { textFormatSource: { inlineString: `${text}\n` }, contentType: 'text/plain; charset=UTF-8' },
  };
}
