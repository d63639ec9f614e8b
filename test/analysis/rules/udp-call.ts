import { accessPolicy, edge, port, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shopWith, web } from '../shop';

const dns = service('dns', { ports: [port('udp', 53)] });

export const cases: Cases = {
  valid: {
    model: shopWith({
      services: [dns],
      accessPolicies: [
        accessPolicy(dns, { outsidePorts: [{ port: 53, protocol: 'udp', from: [{ kind: 'anyone' }] }] }),
      ],
    }),
  },
  invalid: [
    {
      name: 'a call',
      model: shopWith({ services: [dns], edges: [edge(web, dns)] }),
      findings: [
        {
          at: 'Edge shop/web-to-dns-53',
          message: 'the call names port 53 of shop/dns, which is UDP: that is not proxied',
          fix: "name a port of another protocol; who may reach a UDP port is said by an outside port of an AccessPolicy: { port: 53, protocol: 'udp' }",
        },
      ],
    },
  ],
};
