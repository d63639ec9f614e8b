import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyze, ruleList } from '../../lib/analysis';
import { rules } from '../../lib/analysis/rules';
import { canonical, Diagnostic } from '../../lib/model';
import { cases } from './rules';
import { shop } from './shop';

const folder = (path: string) => join(__dirname, '../..', path);
const sources = readdirSync(folder('lib/analysis/rules')).filter((name) => name !== 'index.ts');
const codeIn = (source: string) => /code: '(MESH\d{4})'/.exec(source)?.[1];

/** The rule of each file, by the file's name. */
const byFile = new Map(
  sources.map((name) => {
    const code = codeIn(readFileSync(folder(`lib/analysis/rules/${name}`), 'utf8'));
    return [name.replace(/\.ts$/, ''), rules.find((rule) => rule.code === code)];
  }),
);

describe.each(Object.entries(cases))('%s', (file, { valid, invalid }) => {
  const rule = byFile.get(file);

  it('has nothing to say about a mesh without the mistake', () => {
    expect(analyze(canonical(valid.model), valid.pods)).toEqual([]);
  });

  it.each(invalid)('reports $name', ({ model, pods, findings }) => {
    expect(analyze(canonical(model), pods)).toEqual(
      findings.map((finding) => ({ code: rule?.code, level: rule?.level, ...finding })),
    );
  });
});

describe('the list of rules', () => {
  it('names the rule of every file, and no other', () => {
    expect([...byFile].filter(([, rule]) => rule === undefined)).toEqual([]);
    expect(new Set(rules).size).toBe(sources.length);
    expect(rules.length).toBe(sources.length);
  });

  it('is in the order of its codes, each of which stands there once', () => {
    const codes = rules.map((rule) => rule.code);
    expect(codes).toEqual([...new Set(codes)].sort());
  });

  it('leaves alone the codes of what is found while constructs are read', () => {
    const constructs = readdirSync(folder('lib/constructs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => readFileSync(folder(`lib/constructs/${name}`), 'utf8').match(/\bMESH\d{4}\b/g) ?? []);
    expect(rules.filter((rule) => constructs.includes(rule.code)).map((rule) => rule.code)).toEqual([]);
  });

  it('has cases for each rule, an invalid one among them', () => {
    expect(Object.keys(cases).sort()).toEqual([...byFile.keys()].sort());
    expect(
      Object.values(cases).filter(({ invalid }) => invalid.every(({ findings }) => findings.length === 0)),
    ).toEqual([]);
  });

  it('is what documentation reads', () => {
    expect(ruleList()).toEqual(rules.map(({ code, level, summary }) => ({ code, level, summary })));
  });

  it('gives messages and fixes in one style: lower case but for kinds of objects, no full stop at the end', () => {
    const texts = Object.values(cases).flatMap(({ invalid }) =>
      invalid.flatMap(({ findings }) => findings.flatMap(({ message, fix }) => [message, fix])),
    );
    const summaries = rules.map((rule) => rule.summary);
    expect(
      [...texts, ...summaries].filter((text) => /^(?!Deployment |Job )[A-Z](?![A-Z])/.test(text) || /[.!]$/.test(text)),
    ).toEqual([]);
  });
});

describe('analyze', () => {
  const mistakes = Object.values(cases).flatMap(({ invalid }) => invalid);

  it('finds nothing in a mesh without mistakes', () => {
    expect(analyze(canonical(shop()))).toEqual([]);
  });

  it('reports all mistakes at once, sorted by place, code and message', () => {
    const [weights, gates, names] = ['weights', 'canary-without-gates', 'trust-domain'].map(
      (file) => cases[file]?.invalid[0],
    );
    const model = shop({
      mesh: names?.model.mesh,
      routes: weights?.model.routes,
      canaries: gates?.model.canaries,
    });
    expect(analyze(canonical(model)).map(({ code, at }) => `${code} ${at}`)).toEqual([
      'MESH0622 Canary shop/reviews',
      'MESH0123 Mesh mesh',
      'MESH0421 Route shop/reviews',
      'MESH0627 Route shop/reviews',
    ]);
  });

  it.each([
    ['turned around', <T>(list: readonly T[]) => [...list].reverse()],
    ['rotated', <T>(list: readonly T[]) => [...list.slice(1), ...list.slice(0, 1)]],
  ])('says the same of a model whose lists are %s', (_, permuted) => {
    for (const { model, pods, findings } of mistakes) {
      const other = Object.fromEntries(
        Object.entries(model).map(([key, value]) => [key, Array.isArray(value) ? permuted(value) : value]),
      ) as typeof model;
      const found = analyze(canonical(other), pods && permuted(pods));
      expect(found.map(({ at, message, fix }) => ({ at, message, fix }))).toEqual(findings);
    }
  });

  it('is one line for each mistake when it is shown', () => {
    const all = mistakes.flatMap(({ model, pods }) => analyze(canonical(model), pods));
    expect(all.filter((diagnostic) => Diagnostic.format(diagnostic).includes('\n'))).toEqual([]);
  });
});
