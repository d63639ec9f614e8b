import { order } from '../model';
import { nodeId } from './node-id';
import type { Arrow, Graph, Node, NodeKind } from './topology';

/**
 * A flowchart in Mermaid's language (https://mermaid.js.org/syntax/flowchart.html), with a box
 * around each namespace. GitHub and Grafana's text panels draw it in place.
 */
export function mermaid(graph: Graph): string {
  const ids = new Map(graph.nodes.map((node) => [node.id, nodeId(node.kind, node.id)]));
  const id = (node: string) => ids.get(node) ?? '';
  const namespaces = [...new Set(graph.nodes.map((node) => node.namespace))].sort(order);
  const lines = [
    'flowchart LR',
    ...namespaces.flatMap((namespace) => {
      const inside = graph.nodes.filter((node) => node.namespace === namespace).map((node) => shape(node, id(node.id)));
      // Those outside the cluster have no namespace, and no box around them.
      if (namespace === '') return inside.map((line) => `  ${line}`);
      return [
        `  subgraph ${nodeId('namespace', namespace)}[${quoted(namespace)}]`,
        ...inside.map((line) => `    ${line}`),
        '  end',
      ];
    }),
    ...graph.arrows.map((arrow) => `  ${id(arrow.from)} ${line(arrow)} ${id(arrow.to)}`),
    ...styles(graph, id),
  ];
  return `${lines.join('\n')}\n`;
}

/** Brackets around a text are a shape: https://mermaid.js.org/syntax/flowchart.html#node-shapes */
const shapes: { readonly [kind in NodeKind]: readonly [string, string] } = {
  service: ['[', ']'],
  version: ['([', '])'],
  workload: ['[[', ']]'],
  externalService: ['((', '))'],
  gateway: ['{{', '}}'],
  egressGateway: ['{{', '}}'],
  sharedProxy: ['{{', '}}'],
  outside: ['>', ']'],
};

function shape(node: Node, id: string): string {
  const [open, close] = shapes[node.kind];
  const text = node.detail === '' ? escaped(node.name) : `${escaped(node.name)}<br/>${escaped(node.detail)}`;
  return `${id}${open}"${text}"${close}`;
}

function line({ kind, label }: Arrow): string {
  const arrow = { call: '-->', route: '-->', pass: '==>', outside: '-.->', split: '---' }[kind];
  return label === '' ? arrow : `${arrow}|${quoted(label)}|`;
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** Inside quotes Mermaid reads HTML, and its own entities: `#quot;`, with `#` for what HTML writes `&`. */
function escaped(text: string): string {
  return text
    .replace(/#/g, '#35;')
    .replace(/&/g, '#amp;')
    .replace(/"/g, '#quot;')
    .replace(/</g, '#lt;')
    .replace(/>/g, '#gt;')
    .replace(/[\r\n]+/g, ' ');
}

const classes: { readonly [kind in NodeKind]?: string } = {
  externalService: 'stroke-dasharray: 4 3',
  outside: 'stroke-dasharray: 4 3',
  version: 'stroke-width: 1px',
};

function styles(graph: Graph, id: (node: string) => string): readonly string[] {
  return Object.entries(classes).flatMap(([kind, style]) => {
    const members = graph.nodes.filter((node) => node.kind === kind).map((node) => id(node.id));
    return members.length === 0 ? [] : [`  classDef ${kind} ${style}`, `  class ${members.join(',')} ${kind}`];
  });
}
