import { accessPolicy } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      accessPolicies: [
        accessPolicy(web, {
          outsidePorts: [
            { port: 9100, protocol: 'tcp', from: [{ kind: 'namespace', namespace: 'monitoring' }] },
            { port: 9100, protocol: 'udp', from: [] },
          ],
        }),
      ],
    }),
  },
  invalid: [
    {
      name: 'a port of the service',
      model: shop({
        accessPolicies: [accessPolicy(web, { outsidePorts: [{ port: 3000, protocol: 'tcp', from: [] }] })],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'outside port 3000 is what port 80 of web leads to: it cannot be in the mesh and outside of it',
          fix: 'leave it out of the outside ports, and allow its callers by a rule; those without a sidecar with `outside`',
        },
      ],
    },
    {
      name: 'twice',
      model: shop({
        accessPolicies: [
          accessPolicy(web, {
            outsidePorts: [
              { port: 9100, protocol: 'tcp', from: [] },
              { port: 9100, protocol: 'tcp', from: [] },
            ],
          }),
          accessPolicy(web, { name: 'more', outsidePorts: [{ port: 9100, protocol: 'tcp', from: [] }] }),
        ],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'outside port 9100 of web is named twice, in more and web-access',
          fix: 'name it once, with everybody who may reach it',
        },
      ],
    },
  ],
};
