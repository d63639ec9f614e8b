import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Gateway, http, PathMatch, Service } from 'meshwright';
import { MeshComponent } from 'meshwright/pulumi';

// What another stack has built, known only when this one is deployed.
const images = new pulumi.Config().get('imagesStack');
const tag = images ? new pulumi.StackReference(images).requireOutput('reviewsTag') : pulumi.output('1.0');
const cluster = new k8s.Provider('cluster');

const shop = new MeshComponent(
  'shop',
  {
    mesh: { trustDomain: 'shop.example', gatewayApi: 'standard' },
    services: (namespace) => {
      const storefront = namespace('storefront');
      const web = new Service(storefront, 'web', { port: http(3000), image: 'shop/web:1.0', replicas: 2 });
      const reviews = new Service(storefront, 'reviews', {
        port: http(8080),
        image: pulumi.interpolate`shop/reviews:${tag}`,
      });
      web.calls(reviews, { timeout: '3s', only: [PathMatch.prefix('/reviews')] });
      new Gateway(storefront, 'public', { hosts: ['shop.example'] }).addRoute({ to: web });
    },
  },
  { provider: cluster },
);

/** Where the gateway can be reached. */
export const address = shop.resource(k8s.core.v1.Service, 'storefront/public-gateway').status.loadBalancer.ingress;
export const objects = shop.objectCount;
