import { describe, expect, test } from 'vitest';
import { gatewayApiCrds } from '../../../lib/kubernetes/generated/gateway-api-crds';
import { violationsOf } from '.';
import { thirdPartyCrds } from './schema/third-party';
import { structuralProblems } from './structural';
import { accepted, type Case, refused, refusedByTheOldest, tooCostlyForTheOldest, widgetCrd } from './structural.cases';

test('nothing is wrong with a CRD that is right', () => {
  expect(structuralProblems(widgetCrd())).toEqual([]);
  expect(violationsOf([widgetCrd()])).toEqual([]);
});

function problemsAfter({ change }: Case, minor?: number): string[] {
  const crd = widgetCrd();
  change(crd as object);
  return structuralProblems(JSON.parse(JSON.stringify(crd)), minor === undefined ? {} : { minor });
}

describe('what an API server refuses', () => {
  test.each(refused)('$name', (broken) => {
    expect(problemsAfter(broken)).toEqual(broken.problems);
  });
});

describe('what an API server of 1.29 refuses', () => {
  test.each(refusedByTheOldest)('$name', (broken) => {
    expect(problemsAfter(broken)).toEqual(broken.problems);
    expect(problemsAfter(broken, 37)).toEqual([]);
  });
});

describe('what costs too much for an API server of 1.29', () => {
  test.each(tooCostlyForTheOldest)('$name', (broken) => {
    expect(problemsAfter(broken)).toEqual(broken.problems);
  });
});

describe('what an API server accepts, though it is a mistake', () => {
  test.each(accepted)('$name', (broken) => {
    expect(problemsAfter(broken)).toEqual(broken.problems);
  });
});

describe('CRDs that others publish', () => {
  const published = [...gatewayApiCrds('standard'), ...thirdPartyCrds()];
  const isCost = (problem: string) => / has no max\w+$/.test(problem);

  test('are right on the newest Kubernetes, what has no greatest size apart', () => {
    const problems = published.flatMap((crd) => structuralProblems(crd, { minor: 37 }));
    expect(problems.filter((problem) => !isCost(problem))).toEqual([]);
  });

  test('on the oldest Kubernetes, TLSRoute lacks a function', () => {
    const problems = published.flatMap((crd) => structuralProblems(crd, { minor: 29 }));
    const rule = "spec.hostnames: rule 0 (self.all(h, !isIP(h))): found no matching overload for 'isIP(string)'";
    expect(problems.filter((problem) => !isCost(problem))).toEqual(
      ['v1', 'v1alpha3'].map((version) => `tlsroutes.gateway.networking.k8s.io ${version}: ${rule}`),
    );
  });
});
