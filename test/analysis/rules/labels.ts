import { service, workload } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      services: [service('web', { ports: web.ports, selector: { 'app.kubernetes.io/name': 'Web_1.0', tier: '' } })],
    }),
  },
  invalid: [
    {
      name: 'a value',
      model: shop({ services: [service('web', { ports: web.ports, selector: { app: 'the web' } })] }),
      findings: [
        {
          at: 'Service shop/web',
          message:
            "the label \"app\": \"the web\" is refused by Kubernetes: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          fix: 'choose another label for the pods and their `selector`',
        },
      ],
    },
    {
      name: 'a key',
      model: shop({ workloads: [workload('nightly', { selector: { 'shop/': 'x', '-app': 'y' } })] }),
      findings: [
        {
          at: 'Workload shop/nightly',
          message:
            "the label \"-app\": \"y\" is refused by Kubernetes: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          fix: 'choose another label for the pods and their `selector`',
        },
        {
          at: 'Workload shop/nightly',
          message: 'the label "shop/": "x" is refused by Kubernetes: the name of a label must not be empty',
          fix: 'choose another label for the pods and their `selector`',
        },
      ],
    },
  ],
};
