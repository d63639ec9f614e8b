import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { Gateway, http, Mesh, PathMatch, Service } from '../../../lib';
import type { Model } from '../../../lib/model';
import { modelOf } from '../../../lib/testing';
import { between, withLeaving } from '../../../stacks/local/between';
import { changesBetween } from '../../../stacks/local/changes';

function declared(build: (team: Chart) => void): Model {
  const app = new App();
  new Mesh(app, 'mesh', { trustDomain: 'mesh.example' });
  build(new Chart(app, 'team', { namespace: 'team' }));
  return modelOf(app);
}

const before = declared((team) => {
  const web = new Service(team, 'web', { port: http(3000), image: 'web:1' });
  const reviews = new Service(team, 'reviews', { port: http(8080) });
  const v1 = reviews.addVersion('v1', { image: 'r:1' });
  new Service(team, 'old', { port: http(8080), image: 'old:1' });
  reviews.addRoute({ match: PathMatch.prefix('/a'), to: v1 });
  web.calls(reviews);
  new Gateway(team, 'public', { hosts: ['a.example'] }).addRoute({ to: web });
});

const after = declared((team) => {
  const web = new Service(team, 'web', { port: http(3000), image: 'web:1' });
  const reviews = new Service(team, 'reviews', { port: http(8080) });
  const v2 = reviews.addVersion('v2', { image: 'r:2' });
  const fresh = new Service(team, 'fresh', { port: http(9090), image: 'f:1' });
  reviews.addRoute({ match: PathMatch.prefix('/a'), to: v2 });
  fresh.addRoute({ match: PathMatch.prefix('/b'), to: fresh });
  web.calls(reviews, { timeout: '2s' });
  web.calls(fresh);
  new Gateway(team, 'public', { hosts: ['a.example'] }).addRoute({ to: web });
});

describe('from one program to the next', () => {
  it('everything new starts while routes lead where they led', () => {
    const middle = between(before, after);
    expect(middle.services.map(({ name, versions }) => [name, ...versions.map((version) => version.name)])).toEqual([
      ['fresh'],
      ['old'],
      ['reviews', 'v2', 'v1'],
      ['web'],
    ]);
    const reviewsRoutes = (model: Model) =>
      model.routes.filter(({ parents }) => parents.some(({ name }) => name === 'reviews'));
    expect(reviewsRoutes(middle)).toEqual(reviewsRoutes(before));
    expect(reviewsRoutes(middle)).not.toEqual(reviewsRoutes(after));
    expect(middle.routes.filter(({ parents }) => parents.some(({ name }) => name === 'fresh'))).toHaveLength(1);
    // Who may call whom is what the author says now.
    expect(middle.edges).toEqual(after.edges);
    expect(middle.accessPolicies).toEqual(after.accessPolicies);
  });

  it('what is stopped is still there until it has ended, and leads nobody to it', () => {
    const left = withLeaving(after, [{ of: { namespace: 'team', name: 'old' }, model: before }]);
    expect(left.services.map(({ name }) => name)).toEqual(['fresh', 'old', 'reviews', 'web']);
    expect({ ...left, services: after.services }).toEqual(after);
    expect(withLeaving(after, []).services).toEqual(after.services);
  });

  it('is told in words', () => {
    expect(changesBetween(before, after).map((line) => line.replace(/-[0-9a-f]{8}/, '-#'))).toEqual([
      'service team/fresh added',
      'service team/old removed',
      'service team/reviews changed',
      'edge team/web → team/fresh:80 added',
      'edge team/web → team/reviews:80 changed',
      expect.stringMatching(/^route team\/fresh.* added$/),
      expect.stringMatching(/^route team\/reviews.* changed$/),
    ]);
    expect(changesBetween(after, after)).toEqual([]);
  });
});
