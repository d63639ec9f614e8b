import {
  canary,
  edge,
  externalService,
  gateway,
  gatewayRoute,
  listener,
  service,
  version,
  workload,
} from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, reviews, shop, shopWith, web } from '../shop';

const long = 'reviews-of-everything-that-was-ever-sold-in-this-shop-and-oth';

export const cases: Cases = {
  valid: {
    model: shop({
      services: [
        service('reviews', { versions: [version('v1'), version('v2'), version('2026-11-21')] }),
        service('database', { ports: database.ports, serviceAccount: 'database.backend' }),
      ],
    }),
  },
  invalid: [
    {
      name: 'a service that starts with a digit',
      model: shopWith({ services: [service('3d')], edges: [edge(web, service('3d'))] }),
      findings: [
        {
          at: 'Service shop/3d',
          message:
            'name "3d" is refused by Kubernetes: a DNS-1035 label must consist of lower case alphanumeric characters or \'-\', start with an alphabetic character, and end with an alphanumeric character',
          fix: 'choose another `name`',
        },
      ],
    },
    {
      name: 'a version that makes too long a name',
      model: shopWith({ services: [service(long, { versions: [version('v1')] })], edges: [edge(web, service(long))] }),
      findings: [
        {
          at: 'Service shop/reviews-of-everything-that-was-ever-sold-in-this-shop-and-oth',
          message:
            'version "v1", which makes "reviews-of-everything-that-was-ever-sold-in-this-shop-and-oth-v1", is refused by Kubernetes: must be no more than 63 characters, and it has 64',
          fix: 'choose another `version`',
        },
      ],
    },
    {
      name: 'a namespace in capitals',
      model: shopWith({ workloads: [workload('report', { namespace: 'Shop' })] }),
      findings: [
        {
          at: 'Workload Shop/report',
          message:
            'namespace "Shop" is refused by Kubernetes: a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \'-\', and must start and end with an alphanumeric character',
          fix: 'choose another `namespace`',
        },
      ],
    },
    {
      name: 'a ConfigMap',
      model: shop({
        externalServices: [externalService('mail', { protocol: 'http', tls: { kind: 'originate', trustedCa: 'CA' } })],
      }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message:
            "trustedCa \"CA\" is refused by Kubernetes: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
          fix: 'choose another `trustedCa`',
        },
      ],
    },
    {
      name: 'a gateway, a Secret and a canary',
      model: shopWith({
        gateways: [
          gateway('-in', {
            listeners: [
              listener({ name: 'https', port: 443, protocol: 'https', tls: { kind: 'secret', name: 'Cert' } }),
            ],
          }),
        ],
        routes: [gatewayRoute(gateway('-in'), web, { name: 'in' })],
        canaries: [canary(reviews, { name: 'to_v2' })],
      }),
      findings: [
        {
          at: 'Canary shop/to_v2',
          message:
            "name \"to_v2\" is refused by Kubernetes: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
          fix: 'choose another `name`',
        },
        {
          at: 'Gateway shop/-in',
          message:
            'name "-in", which makes "-in-gateway", is refused by Kubernetes: a DNS-1035 label must consist of lower case alphanumeric characters or \'-\', start with an alphabetic character, and end with an alphanumeric character',
          fix: 'choose another `name`',
        },
        {
          at: 'Gateway shop/-in',
          message:
            "tls secret \"Cert\" is refused by Kubernetes: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
          fix: 'choose another `tls secret`',
        },
      ],
    },
  ],
};
