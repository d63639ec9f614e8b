import type { GatewayListener } from '../../../lib/model';
import { gateway, listener } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

const tls = { kind: 'certManager', secret: 'cert', issuer: { name: 'ca', kind: 'ClusterIssuer' } } as const;
const listening = (over: Partial<GatewayListener>) =>
  shop({ gateways: [gateway('public', { listeners: [listener({ port: 443, protocol: 'https', tls, ...over })] })] });

export const cases: Cases = {
  valid: { model: listening({ host: '*.a.example' }) },
  invalid: [
    {
      name: 'without a host',
      model: listening({}),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'listener http has its certificate from an issuer, and no host that it could be for',
          fix: 'name the hosts (`hosts`, or `host` of the listener), or give a `secret`',
        },
      ],
    },
  ],
};
