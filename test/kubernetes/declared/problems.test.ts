import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../../lib/kubernetes/declared';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import { canonical, type Model } from '../../../lib/model';
import * as make from '../../support/model-builder';

const reviews = make.service('reviews');
const web = make.service('web');
const model = canonical(
  make.model({
    services: [reviews, web],
    workloads: [make.workload('nightly')],
    edges: [make.edge(web, reviews)],
    accessPolicies: [make.accessPolicy(reviews)],
    canaries: [make.canary(reviews)],
  }),
);

/** Objects of a mesh, one of them changed as an API server would not let it be, or as a newer version of us might write it. */
function changed(kind: string, spec: object, of: Model = model): readonly Manifest[] {
  return encode(of).map((object) => (object.kind === kind ? { ...object, spec } : object));
}

function specOf(kind: string) {
  return encode(model).find((object) => object.kind === kind)?.spec;
}

describe('an object of ours that cannot be read', () => {
  it('is left out as a whole, and all that is wrong with it is said', () => {
    const { from, ...edge } = specOf('Edge');
    const spec = { ...edge, from: {}, port: '80', timeout: 'soon', only: [{ http: {}, grpc: {} }], wish: 1 };
    const { model: read, problems } = decode(changed('Edge', spec));
    expect(read).toEqual({ ...model, edges: [] });
    expect(problems.map(({ object, path, message }) => `${object} ${path}: ${message}`)).toEqual([
      'Edge shop/web-to-reviews-80 spec.from.serviceAccount: is missing',
      'Edge shop/web-to-reviews-80 spec.only[0]: must have exactly one of http, grpc, got http and grpc',
      'Edge shop/web-to-reviews-80 spec.port: must be a number, got "80"',
      'Edge shop/web-to-reviews-80 spec.timeout: must be a duration such as 500ms, 2m or 1h30m, got "soon"',
      'Edge shop/web-to-reviews-80 spec.wish: is not supported',
    ]);
  });

  it('is left out where it has no spec', () => {
    const objects = encode(model).map((object) => {
      const { spec: _, ...rest } = object;
      return object.kind === 'Canary' ? (rest as Manifest) : object;
    });
    expect(decode(objects)).toEqual({
      model: { ...model, canaries: [] },
      problems: [{ object: 'Canary shop/reviews', path: 'spec', message: 'is missing' }],
    });
  });
});

describe('an AccessPolicy that cannot be read', () => {
  const unreadable = (rules: readonly object[], more: object = {}) =>
    decode(changed('AccessPolicy', { ...specOf('AccessPolicy'), rules, ...more }));
  const denyAll = {
    ...make.accessPolicy(reviews),
    rules: [make.accessRule({ action: 'deny' })],
  };

  it('denies everything where it denies something: to leave it out would open what it closes', () => {
    const { model: read, problems } = unreadable([{ action: 'Deny', weather: 'rain' }]);
    expect(read?.accessPolicies).toEqual([denyAll]);
    expect(problems).toEqual([
      { object: 'AccessPolicy shop/reviews-access', path: 'spec.rules[0].weather', message: 'is not supported' },
    ]);
  });

  it('denies everything where it asks for tokens or for somebody else’s leave', () => {
    expect(unreadable([{ action: 'Allow', weather: 'rain' }], { jwt: [] }).model?.accessPolicies).toEqual([denyAll]);
    expect(unreadable([], { externalAuthorization: {} }).model?.accessPolicies).toEqual([denyAll]);
    expect(unreadable([{ weather: 'rain' }]).model?.accessPolicies).toEqual([denyAll]);
  });

  it('is left out where it only allows: what nothing allows is denied', () => {
    expect(unreadable([{ action: 'Allow', weather: 'rain' }]).model?.accessPolicies).toEqual([]);
  });

  it('names no workload of the mesh', () => {
    const spec = { ...specOf('AccessPolicy'), targetRefs: [{ group: '', kind: 'ServiceAccount', name: 'nobody' }] };
    expect(decode(changed('AccessPolicy', spec))).toEqual({
      model: { ...model, accessPolicies: [] },
      problems: [
        {
          object: 'AccessPolicy shop/reviews-access',
          path: 'spec.targetRefs[0].name',
          message: 'no workload of the mesh runs as service account nobody of namespace shop',
        },
      ],
    });
  });
});

describe('the mesh', () => {
  it('must be there', () => {
    const objects = encode(model).filter(({ kind }) => kind !== 'Mesh');
    expect(decode(objects)).toEqual({
      problems: [
        { object: 'Mesh', path: '', message: 'there is none in the cluster; apply the one that synthesis writes' },
      ],
    });
  });

  it('must be one', () => {
    const other = encode(make.model({ mesh: make.mesh({ name: 'another' }) }));
    expect(decode([...encode(model), ...other])).toEqual({
      problems: [
        {
          object: 'Mesh',
          path: '',
          message: 'there must be one in a cluster, got 2 (another, mesh); delete all but one',
        },
      ],
    });
  });

  it('must be readable, or nothing is', () => {
    const { model: read, problems } = decode(changed('Mesh', { ...specOf('Mesh'), mutualTls: 'Perhaps' }));
    expect(read).toBeUndefined();
    expect(problems).toEqual([
      { object: 'Mesh mesh', path: 'spec.mutualTls', message: 'must be one of Strict, Permissive, got "Perhaps"' },
    ]);
  });

  it('passes over what carries the name of another, and takes what carries none', () => {
    const [edge] = encode(model).filter(({ kind }) => kind === 'Edge') as [Manifest];
    const named = (name: string, labels: { readonly [key: string]: string }): Manifest => ({
      ...edge,
      metadata: { ...edge.metadata, name, labels },
      spec: { ...edge.spec, at: 18_080 },
    });
    const rest = encode(model).filter((object) => object !== edge && object.kind !== 'Edge');
    const foreign = named('foreign', { 'meshwright.dev/mesh': 'another' });
    const unlabelled = named('by-hand', {});
    const { model: read, problems } = decode([...rest, foreign, unlabelled]);
    expect(problems).toEqual([]);
    expect(read?.edges).toEqual([{ ...make.edge(web, reviews), at: 18_080 }]);
  });

  it('is not made of Services and ServiceAccounts that nobody has put into it', () => {
    const unmeshed: readonly Manifest[] = [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'other', namespace: 'shop' },
        spec: { ports: [{ port: 80, targetPort: 'x' }] },
      },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'shop' } },
      // The control plane's own: of the mesh, and no service of it.
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'meshwright', namespace: 'meshwright-system', labels: { 'meshwright.dev/mesh': 'mesh' } },
        spec: { ports: [{ port: 15_010 }] },
      },
    ];
    expect(decode([...encode(model), ...unmeshed])).toEqual({ model, problems: [] });
  });
});

describe('names of RouteFilters', () => {
  const faulty = (path: string, more: object = {}) =>
    make.httpRule({ matches: [make.prefix(path)], fault: { delay: { duration: 1_000, percent: 1 } }, ...more });
  const filtersOf = (...rules: ReturnType<typeof faulty>[]) =>
    new Map(
      encode(make.model({ services: [reviews], routes: [make.httpRoute(reviews, rules)] }))
        .filter(({ kind }) => kind === 'RouteFilter')
        .map(({ metadata, spec }) => [metadata.name, spec]),
    );

  it('stay when rules come and go beside theirs', () => {
    const before = filtersOf(faulty('/a'), faulty('/b'));
    const after = filtersOf(faulty('/new'), faulty('/b'), faulty('/a'));
    expect(before.size).toBe(2);
    expect([...after.keys()]).toEqual(expect.arrayContaining([...before.keys()]));
  });

  it('stay when what the rule does changes', () => {
    const slower = faulty('/a', { fault: { delay: { duration: 2_000, percent: 1 } } });
    expect([...filtersOf(slower).keys()]).toEqual([...filtersOf(faulty('/a')).keys()]);
  });

  it('differ for rules that apply alike, and for callers', () => {
    expect(filtersOf(faulty('/a'), faulty('/a')).size).toBe(2);
    expect(filtersOf(faulty('/a'), faulty('/a', { from: [make.identity(web)] })).size).toBe(2);
  });
});
