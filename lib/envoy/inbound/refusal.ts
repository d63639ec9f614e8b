import { names } from '../../model';
import { extension } from '../any';
import type { Context } from '../context';
import { inOrder } from '../http/filter-order';
import { accessLogs } from '../telemetry/access-log';
import type { Listener } from '../types';

type NetworkFilter = NonNullable<NonNullable<Listener['filterChains']>[number]['filters']>[number];

/**
 * Answers callers in plain text where only mutual TLS is spoken: what comes so is a call that nobody has declared, because the
 * caller's own sidecar knows nothing of the service. Counted under the name of the listener, as a direct response.
 */
export function refusal(
  context: Context,
  {
    statPrefix,
    callee,
    name,
    of,
  }: {
    readonly statPrefix: string;
    readonly callee: string;
    readonly name: string;
    readonly of: { readonly namespace: string; readonly name: string };
  },
): NetworkFilter {
  const logs = accessLogs(context, { server: 'inbound', protocol: 'http', of, refused: true });
  return extension(
    'envoy.filters.network.http_connection_manager',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    {
      statPrefix,
      routeConfig: {
        name: 'plain_text',
        virtualHosts: [
          {
            name: 'plain_text',
            domains: ['*'],
            routes: [
              {
                name: 'plain_text',
                match: { prefix: '/' },
                directResponse: {
                  status: 403,
                  body: {
                    inlineString: `${callee} speaks mutual TLS only, and this call came in plain text: no edge of its caller leads here; declare it: <caller>.calls(${name})\n`,
                  },
                },
                responseHeadersToAdd: [{ header: { key: names.headers.decision, value: 'plain-text' } }],
              },
            ],
          },
        ],
      },
      httpFilters: inOrder([]),
      serverHeaderTransformation: 'PASS_THROUGH',
      // Whoever is refused has nothing to wait for.
      commonHttpProtocolOptions: { idleTimeout: '5s' },
      ...(logs.length > 0 && { accessLog: logs }),
    },
  );
}
