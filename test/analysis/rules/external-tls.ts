import type { ExternalService } from '../../../lib/model';
import { externalService } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

const external = (over: Partial<ExternalService>) => shop({ externalServices: [externalService('mail', over)] });

export const cases: Cases = {
  valid: { model: external({ protocol: 'http', tls: { kind: 'originate', serverName: 'mail.example.com' } }) },
  invalid: [
    {
      name: 'HTTP passed through',
      model: external({ protocol: 'http' }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message:
            "TLS is passed through, but the protocol is http: inside the application's own TLS no request can be seen",
          fix: 'declare the port with https(…) or tls(…), or give `originateTls` and let the application speak plain text',
        },
      ],
    },
    {
      name: 'TLS twice',
      model: external({ tls: { kind: 'originate', serverName: '*.example.com' } }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message:
            "originateTls.serverName is \"*.example.com\": a host is a DNS name: labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: 'write the name in the certificate of the host',
        },
        {
          at: 'ExternalService shop/mail',
          message: 'the sidecar makes TLS of what is TLS already, because the protocol is tls',
          fix: 'leave `originateTls` out, or declare the port with http(…) and let the application speak plain text',
        },
      ],
    },
    {
      name: 'TLS not declared',
      model: external({ tls: { kind: 'none' } }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message: 'the protocol is tls, but no TLS is declared',
          fix: 'declare TLS as passed through, or the port with tcp(…)',
        },
      ],
    },
    {
      name: 'many hosts in plain text',
      model: external({ host: '*.example.com', protocol: 'http', port: 80, tls: { kind: 'none' } }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message:
            'host *.example.com stands for many hosts, which are told apart only by the server name of TLS that is passed through',
          fix: 'declare the port with https() or tls(443) without `originateTls`, or the hosts one by one',
        },
      ],
    },
  ],
};
