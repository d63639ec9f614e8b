import { order } from '../model';
import { nodeId } from './node-id';
import type { Arrow, Graph, Node, NodeKind } from './topology';

/** A directed graph in Graphviz' language (https://graphviz.org/doc/info/lang.html), a cluster for each namespace. */
export function dot(graph: Graph): string {
  const namespaces = [...new Set(graph.nodes.map((node) => node.namespace))].sort(order);
  const ids = new Map(graph.nodes.map((node) => [node.id, nodeId(node.kind, node.id)]));
  const lines = [
    `digraph ${quoted(graph.title)} {`,
    '  rankdir=LR;',
    '  node [fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=9];',
    ...namespaces.flatMap((namespace) => {
      const inside = graph.nodes.filter((node) => node.namespace === namespace).map(node);
      // Those outside the cluster have no namespace, and no box around them.
      if (namespace === '') return inside.map((line) => `  ${line}`);
      return [
        // Graphviz draws a box around a subgraph whose name begins so.
        `  subgraph ${nodeId('cluster', namespace)} {`,
        `    label=${quoted(namespace)};`,
        ...inside.map((line) => `    ${line}`),
        '  }',
      ];
    }),
    ...graph.arrows.map((arrow) => `  ${ids.get(arrow.from)} -> ${ids.get(arrow.to)} [${style(arrow)}];`),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

const shapes: { readonly [kind in NodeKind]: string } = {
  service: 'shape=box',
  version: 'shape=box, style=rounded',
  workload: 'shape=component',
  externalService: 'shape=ellipse, style=dashed',
  gateway: 'shape=hexagon',
  egressGateway: 'shape=hexagon',
  sharedProxy: 'shape=hexagon',
  outside: 'shape=plaintext',
};

function node({ id, kind, name, detail }: Node): string {
  const text = detail === '' ? name : `${name}\n${detail}`;
  return `${nodeId(kind, id)} [label=${quoted(text)}, ${shapes[kind]}];`;
}

function style({ kind, label }: Arrow): string {
  const line = {
    call: 'style=solid',
    route: 'style=solid',
    pass: 'style=bold',
    outside: 'style=dashed',
    split: 'style=solid, arrowhead=none',
  }[kind];
  return label === '' ? line : `label=${quoted(label)}, ${line}`;
}

/** In a label Graphviz takes a backslash for the start of an escape: `\n` is a new line, `\G` the graph's name. */
function quoted(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
