import { servicePods, workloadPods } from '../../support/model-builder';
import type { Cases } from '../cases';
import { nightly, shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop(), pods: [servicePods(web)] },
  invalid: [
    {
      name: 'a pod of a service',
      model: shop(),
      pods: [servicePods(web, { hostNetwork: true })],
      findings: [
        {
          at: 'Service shop/web',
          message: 'Deployment shop/web has hostNetwork: true, so its sidecar would listen on the node itself',
          fix: 'take hostNetwork out of its pod template, or leave it out of the mesh',
        },
      ],
    },
    {
      name: 'a pod of a workload',
      model: shop(),
      pods: [workloadPods(nightly, { hostNetwork: true })],
      findings: [
        {
          at: 'Workload shop/nightly',
          message: 'Job shop/nightly has hostNetwork: true, so its sidecar would listen on the node itself',
          fix: 'take hostNetwork out of its pod template, or leave it out of the mesh',
        },
      ],
    },
  ],
};
