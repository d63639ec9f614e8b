import type { Observed } from '../observed';
import { type Json, type Reader, shown } from '../shape';

/** Kubernetes gives every namespace its own name as a label. https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const namespaceLabel = 'kubernetes.io/metadata.name';

/** A selector that takes these namespaces, by name. */
export function selectorOf(namespaces: readonly string[]): Json {
  return { matchExpressions: [{ key: namespaceLabel, operator: 'In', values: namespaces }] };
}

/** The namespaces that a selector takes: those it names, or those of the cluster whose labels fit. */
export function selectedNamespaces(json: Json, reader: Reader, observed: Observed): readonly string[] {
  const { matchLabels = {}, matchExpressions = [] } = reader.fields(json);
  const [only] = matchExpressions;
  if (
    Object.keys(matchLabels).length === 0 &&
    matchExpressions.length === 1 &&
    only?.key === namespaceLabel &&
    only.operator === 'In'
  ) {
    return only.values;
  }
  const tests: ((labels: Labels) => boolean)[] = [
    ...Object.keys(matchLabels).map((key) => (labels: Labels) => labels[key] === matchLabels[key]),
    ...reader.all<(labels: Labels) => boolean>(
      reader
        .at('matchExpressions')
        .items(matchExpressions)
        .map((expression, index) => () => testOf(expression, reader.at('matchExpressions').at(index))),
    ),
  ];
  return observed
    .namespaceLabels()
    .filter(([, labels]) => tests.every((test) => test(labels)))
    .map(([name]) => name);
}

type Labels = { readonly [key: string]: string };

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
function testOf(json: Json, reader: Reader): (labels: Labels) => boolean {
  const { key, operator, values = [] } = reader.fields(json);
  switch (operator) {
    case 'In':
      return (labels) => values.includes(labels[key]);
    case 'NotIn':
      return (labels) => !values.includes(labels[key]);
    case 'Exists':
      return (labels) => labels[key] !== undefined;
    case 'DoesNotExist':
      return (labels) => labels[key] === undefined;
    default:
      return reader.at('operator').fail(`must be In, NotIn, Exists or DoesNotExist, got ${shown(operator)}`);
  }
}
