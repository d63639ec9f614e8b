import { App, Chart } from 'cdk8s';
import { Manifests, Mesh } from 'meshwright';
import { describe, expect, it } from 'vitest';
import { decode } from '../../lib/kubernetes/declared';
import { manifestProblems } from '../support/manifests';
import { elsewhere, find, published, synthesize } from './synthesized';

const file = published('bookinfo.yaml');
if (!file) console.warn('skipped: the published manifests of Bookinfo do not lie beside this checkout');

describe.skipIf(!file)('examples/bookinfo', () => {
  it('gives objects that a cluster takes, and that read back as a mesh', async () => {
    const { objects, warnings } = await synthesize('bookinfo', file ?? '');
    expect(manifestProblems(objects, { elsewhere })).toEqual([]);
    expect(decode(objects).problems).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('tells each caller the port of its upstream', async () => {
    const { objects } = await synthesize('bookinfo', file ?? '');
    const env = (deployment: string) =>
      Object.fromEntries(
        find(objects, 'Deployment', deployment).spec.template.spec.containers[0].env.map(
          (one: { name: string; value: string }) => [one.name, one.value],
        ),
      );
    expect(env('productpage-v1')).toEqual({
      DETAILS_SERVICE_HOST: 'details',
      DETAILS_SERVICE_PORT: '19080',
      REVIEWS_SERVICE_HOST: 'reviews',
      REVIEWS_SERVICE_PORT: '19080',
    });
    for (const version of ['v1', 'v2', 'v3'])
      expect(env(`reviews-${version}`)).toEqual({
        LOG_DIR: '/tmp/logs',
        RATINGS_SERVICE_HOST: 'ratings',
        RATINGS_SERVICE_PORT: '19080',
      });
    for (const version of ['v1', 'v2', 'v3']) {
      expect(find(objects, 'Service', `reviews-${version}`).spec.selector).toEqual({
        app: 'reviews',
        'meshwright.dev/version': version,
      });
    }
  });

  it('explains the collision to who declares the edges alone', () => {
    const app = new App();
    new Mesh(app, 'bookinfo', { trustDomain: 'bookinfo.example' });
    const chart = new Chart(app, 'books', { namespace: 'bookinfo' });
    const { productpage, details } = new Manifests(chart, 'published', { file: file ?? '' }).services(
      'productpage',
      'details',
    );
    productpage.calls(details);
    expect(() => app.synthYaml()).toThrow(/MESH\d{4} .*9080.*`?at`?.*DETAILS_SERVICE_PORT/s);
  });
});
