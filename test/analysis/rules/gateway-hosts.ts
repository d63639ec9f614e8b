import { gateway, listener } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

const hosted = (host: string) => shop({ gateways: [gateway('public', { listeners: [listener({ host })] })] });

export const cases: Cases = {
  valid: { model: hosted('*.shop.example') },
  invalid: [
    {
      name: 'a URL',
      model: hosted('https://shop.example'),
      findings: [
        {
          at: 'Gateway shop/public',
          message:
            "listener http has host \"https://shop.example\": a host is a DNS name, whose first label may be '*': labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: "write a name such as 'shop.example' or '*.shop.example', or leave it out to answer to any",
        },
      ],
    },
    {
      name: 'a star inside',
      model: hosted('shop.*.example'),
      findings: [
        {
          at: 'Gateway shop/public',
          message:
            "listener http has host \"shop.*.example\": a host is a DNS name, whose first label may be '*': labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: "write a name such as 'shop.example' or '*.shop.example', or leave it out to answer to any",
        },
      ],
    },
    {
      name: 'an address',
      model: hosted('192.0.2.7'),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'listener http has host "192.0.2.7": a host is a DNS name, not an IP address',
          fix: "write a name such as 'shop.example' or '*.shop.example', or leave it out to answer to any",
        },
      ],
    },
  ],
};
