import { describe, expect, it } from 'vitest';
import { canonical, type HttpRule } from '../../lib/model';
import * as make from '../support/model-builder';

const reviews = make.service('reviews');

/** The only rule of a model's only route, as the canonical form has it. */
function canonicalRule(rule: Partial<HttpRule>): HttpRule | undefined {
  const model = canonical(
    make.model({ services: [reviews], routes: [make.httpRoute(reviews, [make.httpRule(rule)])] }),
  );
  const [route] = model.routes;
  return route?.kind === 'http' ? route.rules[0] : undefined;
}

describe('a rule in its canonical form', () => {
  const header = { kind: 'exact', name: 'x-a', value: 'b' } as const;

  it.each([
    ['one match of everything is none', [make.prefix('/')], []],
    ['one match that says nothing is none', [make.httpMatch()], []],
    ['the prefix / is any path', [make.prefix('/', { headers: [header] })], [make.httpMatch({ headers: [header] })]],
    [
      'of several matches one may be of everything',
      [make.prefix('/'), make.prefix('/a')],
      [make.httpMatch(), make.prefix('/a')],
    ],
    ['another prefix stays', [make.prefix('/a')], [make.prefix('/a')]],
    [
      'the exact path / stays',
      [make.httpMatch({ path: { kind: 'exact', path: '/' } })],
      [make.httpMatch({ path: { kind: 'exact', path: '/' } })],
    ],
  ])('%s', (_, matches, expected) => {
    expect(canonicalRule({ matches })?.matches).toEqual(expected);
  });

  it('says which prefix it replaces, be it /', () => {
    const matches = [make.prefix('/', { method: 'GET' })];
    expect(canonicalRule({ matches, rewrite: { path: { kind: 'prefix', value: '/v2' } } })?.matches).toEqual(matches);
    const action = { kind: 'redirect', path: { kind: 'prefix', value: '/v2' }, status: 301 } as const;
    expect(canonicalRule({ matches, action })?.matches).toEqual(matches);
    expect(canonicalRule({ matches, rewrite: { path: { kind: 'full', value: '/v2' } } })?.matches).toEqual([
      make.httpMatch({ method: 'GET' }),
    ]);
  });
});
