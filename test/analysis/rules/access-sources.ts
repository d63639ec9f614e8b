import { accessPolicy, accessRule } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      accessPolicies: [
        accessPolicy(web, {
          rules: [
            accessRule({
              from: [
                { kind: 'address', cidr: '10.0.0.0/8' },
                { kind: 'outside', namespace: 'monitoring' },
              ],
            }),
          ],
        }),
      ],
    }),
  },
  invalid: [
    {
      name: 'an address',
      model: shop({
        accessPolicies: [
          accessPolicy(web, {
            rules: [accessRule({ from: [{ kind: 'address', cidr: '10.0.0.1' }] })],
            outsidePorts: [{ port: 9100, protocol: 'tcp', from: [{ kind: 'address', cidr: '300.0.0.0/8' }] }],
          }),
        ],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'address "10.0.0.1": a range of addresses is written as CIDR, such as 10.0.0.0/8 or 192.0.2.7/32',
          fix: 'write it in that form',
        },
        {
          at: 'AccessPolicy shop/web-access',
          message:
            'outside port 9100: address "300.0.0.0/8": a range of addresses is written as CIDR, such as 10.0.0.0/8 or 192.0.2.7/32',
          fix: 'write it in that form',
        },
      ],
    },
    {
      name: 'a namespace',
      model: shop({
        accessPolicies: [
          accessPolicy(web, {
            rules: [accessRule({ from: [{ kind: 'outside', namespace: 'Monitoring' }] }), accessRule()],
          }),
        ],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message:
            'rule 1: namespace "Monitoring": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \'-\', and must start and end with an alphanumeric character',
          fix: 'write it in that form',
        },
      ],
    },
  ],
};
