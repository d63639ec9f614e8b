import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Gateway, http, PathMatch, Service } from 'meshwright';
import { MeshComponent } from 'meshwright/pulumi';

const tag = pulumi.output('1.0');

const shop = new MeshComponent('shop', {
  mesh: { trustDomain: 'shop.example' },
  services: (namespace) => {
    const storefront = namespace('storefront');
    const web = new Service(storefront, 'web', { port: http(3000), image: pulumi.interpolate`shop/web:${tag}` });
    const reviews = new Service(storefront, 'reviews', { port: http(8080), image: 'shop/reviews:1.0', replicas: 2 });
    web.calls(reviews, { timeout: '3s', only: [PathMatch.prefix('/reviews')] });
    new Gateway(storefront, 'public', { hosts: ['shop.example'] }).addRoute({ to: web });
  },
});

export const objectCount = shop.objectCount;
export const namespace = shop.namespace;
export const image = shop
  .resource(k8s.apps.v1.Deployment, 'storefront/web')
  .spec.template.spec.containers.apply((containers) => containers.map((container) => container.image));
