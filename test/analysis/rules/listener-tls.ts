import type { GatewayListener } from '../../../lib/model';
import { backend, edge, gateway, listener, port, ref, service, tlsRoute } from '../../support/model-builder';
import type { Cases } from '../cases';
import { publicGateway, reviews, shop, shopWith, web } from '../shop';

const vault = service('vault', { ports: [port('tls', 8200)] });
const listening = (over: Partial<GatewayListener>) =>
  shop({ gateways: [gateway('public', { listeners: [listener(over)] })] });

export const cases: Cases = {
  valid: {
    model: listening({
      protocol: 'https',
      port: 443,
      host: 'shop.example',
      tls: { kind: 'certManager', secret: 'cert', issuer: { name: 'ca', kind: 'Issuer' } },
    }),
  },
  invalid: [
    {
      name: 'https without',
      model: listening({ protocol: 'https', port: 443 }),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'listener http speaks https, but has no certificate',
          fix: 'give `tls`: a Secret, or an issuer of cert-manager',
        },
      ],
    },
    {
      name: 'http with',
      model: listening({ tls: { kind: 'secret', name: 'cert' } }),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'listener http has a certificate, but speaks http',
          fix: "leave `tls` out, or set the protocol to 'https'",
        },
      ],
    },
    {
      name: 'tls with',
      model: {
        ...shopWith({ services: [vault], edges: [edge(reviews, vault), edge(reviews, web)] }),
        gateways: [
          gateway('public', {
            listeners: [listener({ protocol: 'tls', port: 443, tls: { kind: 'secret', name: 'cert' } })],
          }),
        ],
        routes: [
          tlsRoute(vault, [backend(vault)], { name: 'through', parents: [{ kind: 'gateway', ...ref(publicGateway) }] }),
        ],
      },
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'listener http has a certificate, but speaks tls, which is passed through unopened',
          fix: "leave `tls` out, or set the protocol to 'https'",
        },
      ],
    },
  ],
};
