import { type ExternalService, Late, locate, Port } from '../../model';
import { host } from '../form';
import type { Finding, Rule } from '../rule';

export const externalTls: Rule = {
  code: 'MESH0727',
  level: 'error',
  summary: 'the TLS of an external service is made once, by the application or by the sidecar',
  check: ({ model }) =>
    model.externalServices.flatMap((external) =>
      problems(external).map(([message, fix]) => ({ at: locate('ExternalService', external), message, fix })),
    ),
};

function problems(external: ExternalService): readonly (readonly [message: Finding['message'], fix: Finding['fix']])[] {
  const { protocol, tls, host: name } = external;
  const wildcard = !Late.is(name) && name.startsWith('*');
  const found: (readonly [string, string])[] = [];
  if (tls.kind === 'passthrough' && Port.isHttp(protocol)) {
    found.push([
      `TLS is passed through, but the protocol is ${protocol}: inside the application's own TLS no request can be seen`,
      'declare the port with https(…) or tls(…), or give `originateTls` and let the application speak plain text',
    ]);
  }
  if (tls.kind === 'originate' && protocol === 'tls') {
    found.push([
      'the sidecar makes TLS of what is TLS already, because the protocol is tls',
      'leave `originateTls` out, or declare the port with http(…) and let the application speak plain text',
    ]);
  }
  if (tls.kind === 'none' && protocol === 'tls') {
    found.push([
      'the protocol is tls, but no TLS is declared',
      'declare TLS as passed through, or the port with tcp(…)',
    ]);
  }
  if (tls.kind === 'originate' && tls.serverName !== undefined) {
    const refusal = host(tls.serverName, 'exact');
    if (refusal !== undefined) {
      found.push([
        `originateTls.serverName is ${JSON.stringify(tls.serverName)}: ${refusal}`,
        'write the name in the certificate of the host',
      ]);
    }
  }
  if (wildcard && (tls.kind !== 'passthrough' || protocol !== 'tls')) {
    found.push([
      `host ${name} stands for many hosts, which are told apart only by the server name of TLS that is passed through`,
      'declare the port with https() or tls(443) without `originateTls`, or the hosts one by one',
    ]);
  }
  return found;
}
