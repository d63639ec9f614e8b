import type { ExternalService } from '../../../lib/model';
import { externalService } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

const external = (over: Partial<ExternalService>) => shop({ externalServices: [externalService('mail', over)] });

export const cases: Cases = {
  valid: { model: external({ host: 'smtp.example.com', addresses: ['192.0.2.7', '2001:db8::7'] }) },
  invalid: [
    {
      name: 'an address',
      model: external({ host: '192.0.2.7' }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message: 'host is "192.0.2.7": a host is a DNS name, not an IP address',
          fix: "write a name such as 'api.example.com' in `host`, and fixed addresses in `addresses`",
        },
      ],
    },
    {
      name: 'a URL',
      model: external({ host: 'https://mail.example.com' }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message:
            "host is \"https://mail.example.com\": a host is a DNS name, whose first label may be '*': labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: "write a name such as 'api.example.com' in `host`, and fixed addresses in `addresses`",
        },
      ],
    },
    {
      name: 'a service of the mesh',
      model: external({ host: 'reviews.shop.svc.cluster.local' }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message: 'host reviews.shop.svc.cluster.local is service shop/reviews of this mesh',
          fix: 'call the service itself instead of an external service',
        },
      ],
    },
    {
      name: 'addresses',
      model: external({ addresses: ['mail', '1.2.3'] }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message: 'addresses holds "1.2.3", which is no IP address',
          fix: 'write addresses such as 192.0.2.7 or 2001:db8::7, or leave them out to ask DNS',
        },
        {
          at: 'ExternalService shop/mail',
          message: 'addresses holds "mail", which is no IP address',
          fix: 'write addresses such as 192.0.2.7 or 2001:db8::7, or leave them out to ask DNS',
        },
      ],
    },
    {
      name: 'addresses of many hosts',
      model: external({ host: '*.example.com', addresses: ['192.0.2.7'] }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message: 'host *.example.com stands for many hosts, but `addresses` are those of one',
          fix: 'leave `addresses` out, or declare the hosts one by one',
        },
      ],
    },
  ],
};
