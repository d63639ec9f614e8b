import type { Chart } from 'cdk8s';
import type { Manifest } from '../kubernetes/manifest';
import { applyOrder } from '../kubernetes/running';

/**
 * Objects of a chart come out in the order of statements. The same mesh shall be the same bytes whatever that order is, and
 * `kubectl apply` shall find a namespace before what is in it. A chart whose author ordered it by dependencies stays so.
 */
export function writeInApplyOrder(chart: Chart): void {
  if (ordered.has(chart)) return;
  ordered.add(chart);
  const toJson = chart.toJson.bind(chart);
  chart.toJson = () => {
    const objects = toJson();
    const byAuthor = chart.node.findAll().some((construct) => construct.node.dependencies.length > 0);
    return byAuthor ? objects : [...applyOrder(objects as Manifest[])];
  };
}

const ordered = new WeakSet<Chart>();
